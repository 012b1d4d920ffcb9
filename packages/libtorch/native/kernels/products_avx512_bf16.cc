// Compiled for AVX-512 BF16 (CMakeLists.txt): two neighbouring values of bfloat16 are multiplied at once and added up in
// float32.
#include "tiles.h"

#include <immintrin.h>

namespace arcface {
namespace {

struct Pairs : Widened<16, 4> {
  static constexpr int values_a_unit = 2;
  typedef uint32_t Unit;

  ARCFACE_BODY Vector multiply_add(const Vector& sum, Unit a, const Vector& b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)_mm512_set1_epi32(a), (__m512bh)b);
  }
  ARCFACE_BODY Vector store(const Vector& value, uint16_t* to) {
    const Halves half = (Halves)_mm512_cvtneps_pbh(value);
    put(half, to);
    return (Vector)(__builtin_convertvector(half, Bits) << 16);
  }
  static Unit unit(const float* first, int64_t stride) {
    uint16_t low, high;
    narrow(first[0], low);
    narrow(first[stride], high);
    return low | static_cast<uint32_t>(high) << 16;
  }
  static const Unit* rows_in(const void* rows, int64_t, Unit*) { return static_cast<const Unit*>(rows); }
  // A unit is a value and that of the next row, or 0 behind the last.
  static const Unit* columns_in(const void* rows, int64_t count, int64_t width, Unit* pairs) {
    const auto* from = static_cast<const uint16_t*>(rows);
    int64_t r = 0;
    for (; r + 1 < count; r += 2)
      for (int64_t c = 0; c < width; c++)
        pairs[r / 2 * width + c] = from[r * width + c] | static_cast<uint32_t>(from[(r + 1) * width + c]) << 16;
    for (int64_t c = 0; r < count && c < width; c++) pairs[r / 2 * width + c] = from[r * width + c];
    return pairs;
  }
};

}  // namespace

extern const Products avx512_pairs = table<Pairs>();

}  // namespace arcface
