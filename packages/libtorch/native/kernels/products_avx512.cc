// Compiled for AVX-512 (CMakeLists.txt): 24 of 32 registers hold sums.
#include "tiles.h"

namespace arcface {
extern const Products avx512_floats = table<Floats<16, 4>>(), avx512_widened = table<Widened<16, 4>>();
}
