/* The filters of PNG (ISO/IEC 15948, clause 9) for gray of 8 or 16 bits: of None, Sub, Up, Average and
   Paeth each row takes the one whose bytes, as signed numbers, have the least sum of magnitudes, counted
   up to 8; the first of equals. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "each_processor.h"

enum { KINDS = 5 };

FOR_EACH_PROCESSOR
static void differences(const uint8_t *restrict row, const uint8_t *restrict above, size_t width,
                        ptrdiff_t before, uint8_t *restrict none, uint8_t *restrict sub,
                        uint8_t *restrict up, uint8_t *restrict average, uint8_t *restrict paeth)
{
    for (size_t i = 0; i < width; i++) {
        const int16_t a = row[(ptrdiff_t)i - before], b = above[i],
                      c = above[(ptrdiff_t)i - before];
        const int16_t to_a = b > c ? b - c : c - b, to_b = a > c ? a - c : c - a;
        const int16_t sum = a + b - 2 * c, to_c = sum < 0 ? -sum : sum;
        const int16_t b_or_c = to_b <= to_c ? b : c;
        const int16_t guess = (to_a <= to_b) & (to_a <= to_c) ? a : b_or_c;
        none[i] = row[i];
        sub[i] = (uint8_t)(row[i] - a);
        up[i] = (uint8_t)(row[i] - b);
        average[i] = (uint8_t)(row[i] - ((a + b) >> 1));
        paeth[i] = (uint8_t)(row[i] - guess);
    }
}

FOR_EACH_PROCESSOR
static uint32_t magnitude(const uint8_t *bytes, size_t width)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < width; i++) {
        const uint8_t size = bytes[i] < 128 ? bytes[i] : (uint8_t)-bytes[i];
        sum += size < 8 ? size : 8;
    }
    return sum;
}

static void big_endian(const uint16_t *pixels, size_t columns, uint8_t *row)
{
    for (size_t x = 0; x < columns; x++) {
        row[2 * x] = (uint8_t)(pixels[x] >> 8);
        row[2 * x + 1] = (uint8_t)pixels[x];
    }
}

/* Writes rows of 1 + size * columns bytes, the kind of filter first; pixels have a size of 1 or 2 bytes, in
   the order of the machine. Returns 0, or 1 where memory is short. */
int radrelease_png_filter(const void *pixels, size_t rows, size_t columns, size_t size, uint8_t *out)
{
    const size_t width = size * columns, room = width + size;
    uint8_t *memory = calloc(2 * room + KINDS * width, 1);
    if (memory == NULL)
        return 1;
    uint8_t *row = memory + size, *above = row + room, *made = memory + 2 * room;
    for (size_t y = 0; y < rows; y++, out += width + 1) {
        if (size == 2)
            big_endian((const uint16_t *)pixels + y * columns, columns, row);
        else
            memcpy(row, (const uint8_t *)pixels + y * columns, columns);
        differences(row, above, width, (ptrdiff_t)size, made, made + width, made + 2 * width,
                    made + 3 * width, made + 4 * width);
        uint32_t least = UINT32_MAX;
        for (uint8_t kind = 0; kind < KINDS; kind++) {
            const uint32_t sum = magnitude(made + kind * width, width);
            if (sum < least) {
                least = sum;
                out[0] = kind;
            }
        }
        memcpy(out + 1, made + out[0] * width, width);
        uint8_t *swap = row;
        row = above;
        above = swap;
    }
    free(memory);
    return 0;
}
