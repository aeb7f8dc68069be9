/* The least and the largest of 16-bit values in one pass. */

#include <stddef.h>
#include <stdint.h>

#include "each_processor.h"

/* Sets range[0] and range[1]; `flip` is 0, or 0x8000 where the values are signed. `count` is not 0. */
FOR_EACH_PROCESSOR
void radrelease_range(const uint16_t *values, size_t count, uint16_t flip, uint16_t *range)
{
    uint16_t least = 0xFFFF, most = 0;
    for (size_t place = 0; place < count; place++) {
        const uint16_t value = values[place] ^ flip;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    range[0] = least ^ flip;
    range[1] = most ^ flip;
}
