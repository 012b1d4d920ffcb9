// Compiled for AVX2 and FMA (CMakeLists.txt): 12 of 16 registers hold sums.
#include "tiles.h"

namespace arcface {
extern const Products avx2_floats = table<Floats<8, 2>>(), avx2_widened = table<Widened<8, 2>>();
}
