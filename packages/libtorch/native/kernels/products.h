// Products of matrices as convolutions of one pixel need them: very many rows of 16 to some hundred values with a small
// matrix, and the sum over all rows of what the values of two of them give. Each processor has a table of its own.
#pragma once

#include <cstdint>

namespace arcface {

// Rows, of float32 or of bfloat16, lie behind each other; sums are float32. `depth`, `width`, `n` and `k` are multiples of
// 16.
struct Products {
  // A matrix for `rows`, of float32 at [d * depth_stride + w * width_stride]; takes depth * width floats.
  void (*pack)(const float* matrix, int64_t depth_stride, int64_t width_stride, int64_t depth, int64_t width,
               void* packed);
  // out [count, width] = a [count, depth] times the matrix, and its statistics (statistics.h) where `part` is not null.
  // `scratch`: count * depth + 3 * width floats.
  void (*rows)(const void* a, int64_t count, const void* packed, int64_t depth, int64_t width, void* out, float* part,
               float* scratch);
  // out [n, k] = or (`add`) += the transpose of d [count, n] times x [count, k]. `scratch`: (count + 1) * (n + k) floats.
  void (*outer)(const void* d, const void* x, int64_t count, int64_t n, int64_t k, bool add, float* out,
                float* scratch);
};

// The fastest of this processor.
const Products& products_of_floats();
// The same; null where libtorch's are faster, which has those of AMX.
const Products* products_of_bfloat16();

}  // namespace arcface
