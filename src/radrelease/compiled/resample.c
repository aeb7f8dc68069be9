/* Separable resampling of a picture in float32, in one fixed order of operations.

   No sum is reordered and no product is fused with an addition (build with -ffp-contract=off), so
   every processor, every width of its vectors and the fall-back in Python give the same bits
   (docs/decisions/0012-resampling.md). */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "each_processor.h"

enum { LANES = 8, CHUNK = 128 };

/* One side of the picture: output i is the sum over k of weights[i * taps + k] * input[first[i] + k]. */
typedef struct {
    int32_t outputs;
    int32_t taps;
    const int32_t *first;
    const float *weights;
} side;

FOR_EACH_PROCESSOR
static void to_floats(const uint16_t *pixels, size_t columns, size_t rows, size_t width, uint16_t least,
                      float *out)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t column = 0; column < width; column++)
            out[row * CHUNK + column] = (float)(int32_t)(uint16_t)(pixels[row * columns + column] - least);
}

FOR_EACH_PROCESSOR
static void weigh_rows(const float *values, const float *weights, int32_t taps, size_t width, float *out)
{
    for (size_t column = 0; column < width; column++)
        out[column] = 0.0f;
    int32_t tap = 0;
    for (; tap + 4 <= taps; tap += 4) {
        const float *one = values + (size_t)tap * CHUNK;
        const float *two = one + CHUNK, *three = two + CHUNK, *four = three + CHUNK;
        const float a = weights[tap], b = weights[tap + 1], c = weights[tap + 2], d = weights[tap + 3];
        for (size_t column = 0; column < width; column++)
            out[column] = (((out[column] + a * one[column]) + b * two[column]) + c * three[column])
                          + d * four[column];
    }
    for (; tap < taps; tap++)
        for (size_t column = 0; column < width; column++)
            out[column] += weights[tap] * values[(size_t)tap * CHUNK + column];
}

/* The same output of LANES rows at once. Vectors of GCC and clang; on a processor with narrower ones the
   compiler splits them. */
typedef float row_lanes __attribute__((vector_size(LANES * sizeof(float))));

FOR_EACH_PROCESSOR
static void weigh_columns(const row_lanes *lanes, const side *across, row_lanes *out)
{
    for (int32_t i = 0; i < across->outputs; i++) {
        const float *weights = across->weights + (size_t)i * across->taps;
        const row_lanes *from = lanes + across->first[i];
        row_lanes sum = {0};
        for (int32_t tap = 0; tap < across->taps; tap++)
            sum += weights[tap] * from[tap];
        out[i] = sum;
    }
}

FOR_EACH_PROCESSOR
static void stretch(const row_lanes *sums, size_t columns, size_t lane, float gain, int inverted, uint16_t *out)
{
    for (size_t i = 0; i < columns; i++) {
        float value = sums[i][lane] * gain;
        value = value < 0.0f ? 0.0f : value;
        value = value > 65535.0f ? 65535.0f : value;
        value = inverted ? 65535.0f - value : value;
        out[i] = (uint16_t)(int32_t)(value + 0.5f);
    }
}

/* The most input rows that LANES output rows reach over. */
static size_t tallest(const int32_t *first, int32_t outputs, int32_t taps)
{
    size_t most = 0;
    for (int32_t row = 0; row < outputs; row += LANES) {
        const int32_t last = row + LANES < outputs ? row + LANES - 1 : outputs - 1;
        const size_t height = (size_t)(first[last] - first[row] + taps);
        most = height > most ? height : most;
    }
    return most;
}

/* The picture `pixels` (rows as `down` reads them, by `columns`) resampled to down.outputs by
   across.outputs, where `least` becomes 0 and `least` + 65535 / `gain` becomes 65535. Values are 16-bit,
   signed or not: what counts is their distance above `least`. Returns 0, or 1 where memory is short. */
int radrelease_resample(const uint16_t *pixels, size_t columns, int32_t down_outputs, int32_t down_taps,
                        const int32_t *down_first, const float *down_weights, int32_t across_outputs,
                        int32_t across_taps, const int32_t *across_first, const float *across_weights,
                        uint16_t least, float gain, int inverted, uint16_t *out)
{
    const side across = {across_outputs, across_taps, across_first, across_weights};
    row_lanes *lanes = aligned_alloc(sizeof *lanes, columns * sizeof *lanes);
    row_lanes *outputs = aligned_alloc(sizeof *outputs, across_outputs * sizeof *outputs);
    float *values = malloc(tallest(down_first, down_outputs, down_taps) * CHUNK * sizeof *values);
    for (size_t row = 0; lanes != NULL && outputs != NULL && values != NULL && row < (size_t)down_outputs; row += LANES) {
        const size_t rows = (size_t)down_outputs - row < LANES ? (size_t)down_outputs - row : LANES;
        const size_t top = down_first[row], end = (size_t)down_first[row + rows - 1] + down_taps;
        for (size_t from = 0; from < columns; from += CHUNK) {
            const size_t width = columns - from < CHUNK ? columns - from : CHUNK;
            to_floats(pixels + top * columns + from, columns, end - top, width, least, values);
            for (size_t lane = 0; lane < rows; lane++) {
                float sums[CHUNK];
                weigh_rows(values + (down_first[row + lane] - top) * CHUNK,
                           down_weights + (row + lane) * (size_t)down_taps, down_taps, width, sums);
                for (size_t column = 0; column < width; column++)
                    lanes[from + column][lane] = sums[column];
            }
        }
        weigh_columns(lanes, &across, outputs);
        for (size_t lane = 0; lane < rows; lane++)
            stretch(outputs, across_outputs, lane, gain, inverted, out + (row + lane) * across_outputs);
    }
    const int short_of_memory = lanes == NULL || outputs == NULL || values == NULL;
    free(values);
    free(outputs);
    free(lanes);
    return short_of_memory;
}
