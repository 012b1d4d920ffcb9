// Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, arXiv 1509.09308): a 3x3 convolution of a tile of 4x4 outputs is
//
//     y = A^T [ (G g G^T) * (B^T d B) ] A,
//
// with g the weights and d the tile's 6x6 inputs, and * value by value: 36 products where the definition has 144. Summed over
// input channels, each of the 36 positions is a product of matrices. The gradient of the weights is the adjoint,
// G^T [ (A dy A^T) * (B^T d B) ] G.
//
// Here are the transforms, each of 16 channels at a time. They interpolate at 0, +-3/4, +-3/2 and infinity: Lavin's 0, +-1, +-2
// leave three times the rounding errors (against float64, sums over 128 channels).
#pragma once

#include "vectors.h"

namespace arcface {

constexpr int64_t tile_outputs = 4, tile_inputs = 6, positions = tile_inputs * tile_inputs;

// The points, their powers, and one over the products of each point's distances from the others.
constexpr float p = 0.75f, q = 1.5f, pp = p * p, qq = q * q, ppp = p * pp, qqq = q * qq;
constexpr float by_0 = 1 / (pp * qq), by_p = 1 / (2 * pp * (pp - qq)), by_q = 1 / (2 * qq * (qq - pp));

// B^T
struct OfInput {
  static constexpr int from = 6, to = 6;
  ARCFACE_BODY void apply(const Vector* a, int s, Vector* o, int t) {
    const Vector even_p = a[4 * s] - qq * a[2 * s], odd_p = p * (a[3 * s] - qq * a[s]);
    const Vector even_q = a[4 * s] - pp * a[2 * s], odd_q = q * (a[3 * s] - pp * a[s]);
    o[0] = pp * qq * a[0] - (pp + qq) * a[2 * s] + a[4 * s];
    o[t] = even_p + odd_p;
    o[2 * t] = even_p - odd_p;
    o[3 * t] = even_q + odd_q;
    o[4 * t] = even_q - odd_q;
    o[5 * t] = pp * qq * a[s] - (pp + qq) * a[3 * s] + a[5 * s];
  }
};

// A^T
struct OfOutput {
  static constexpr int from = 6, to = 4;
  ARCFACE_BODY void apply(const Vector* a, int s, Vector* o, int t) {
    const Vector even_p = a[s] + a[2 * s], odd_p = a[s] - a[2 * s];
    const Vector even_q = a[3 * s] + a[4 * s], odd_q = a[3 * s] - a[4 * s];
    o[0] = a[0] + even_p + even_q;
    o[t] = p * odd_p + q * odd_q;
    o[2 * t] = pp * even_p + qq * even_q;
    o[3 * t] = ppp * odd_p + qqq * odd_q + a[5 * s];
  }
};

// A
struct OfOutputGradient {
  static constexpr int from = 4, to = 6;
  ARCFACE_BODY void apply(const Vector* a, int s, Vector* o, int t) {
    const Vector even_p = a[0] + pp * a[2 * s], odd_p = p * a[s] + ppp * a[3 * s];
    const Vector even_q = a[0] + qq * a[2 * s], odd_q = q * a[s] + qqq * a[3 * s];
    o[0] = a[0];
    o[t] = even_p + odd_p;
    o[2 * t] = even_p - odd_p;
    o[3 * t] = even_q + odd_q;
    o[4 * t] = even_q - odd_q;
    o[5 * t] = a[3 * s];
  }
};

// G
struct OfWeight {
  static constexpr int from = 3, to = 6;
  ARCFACE_BODY void apply(const Vector* a, int s, Vector* o, int t) {
    const Vector even_p = by_p * a[0] + pp * by_p * a[2 * s], odd_p = p * by_p * a[s];
    const Vector even_q = by_q * a[0] + qq * by_q * a[2 * s], odd_q = q * by_q * a[s];
    o[0] = by_0 * a[0];
    o[t] = even_p + odd_p;
    o[2 * t] = even_p - odd_p;
    o[3 * t] = even_q + odd_q;
    o[4 * t] = even_q - odd_q;
    o[5 * t] = a[2 * s];
  }
};

// G^T
struct OfWeightGradient {
  static constexpr int from = 6, to = 3;
  ARCFACE_BODY void apply(const Vector* a, int s, Vector* o, int t) {
    const Vector even_p = by_p * (a[s] + a[2 * s]), odd_p = by_p * (a[s] - a[2 * s]);
    const Vector even_q = by_q * (a[3 * s] + a[4 * s]), odd_q = by_q * (a[3 * s] - a[4 * s]);
    o[0] = by_0 * a[0] + even_p + even_q;
    o[t] = p * odd_p + q * odd_q;
    o[2 * t] = pp * even_p + qq * even_q + a[5 * s];
  }
};

// Down the columns, then along the rows.
template <class M>
ARCFACE_BODY void transform(const Vector (&in)[M::from][M::from], Vector (&out)[M::to][M::to]) {
  Vector half[M::to][M::from];
#pragma GCC unroll 6
  for (int j = 0; j < M::from; j++) M::apply(&in[0][j], M::from, &half[0][j], M::from);
#pragma GCC unroll 6
  for (int i = 0; i < M::to; i++) M::apply(&half[i][0], 1, &out[i][0], 1);
}

}  // namespace arcface
