// Statistics of an activation's channels, as batch_norm takes them from the kernel that made the activation, which has its
// values in registers.
//
// float32 [parts, 3, channels]: of each part of the rows how many they are, at most 2^24, their mean, and the sum of
// squared distances from that mean. Parts may be of any size, and all rows are in one of them; they must not depend on the
// number of threads. In bfloat16 the values are those that were stored.
#pragma once

#include "loops.h"

namespace arcface {

constexpr int64_t statistics_kinds = 3;

// One part from one pass over its values: sums of their distances from a point near the mean, such as one of them, and of
// the squares. From 0 the squares would lose a small variance beside a large mean.
ARCFACE_BODY void close_part(float* __restrict part, int64_t channels, int64_t rows, const float* __restrict from,
                             const float* __restrict sums, const float* __restrict squares) {
  const float n = static_cast<float>(rows);
  for (int64_t c = 0; c < channels; c++) {
    part[c] = n;
    part[channels + c] = from[c] + sums[c] / n;
    const float apart = squares[c] - sums[c] / n * sums[c];
    part[2 * channels + c] = apart < 0 ? 0.0f : apart;
  }
}

}  // namespace arcface
