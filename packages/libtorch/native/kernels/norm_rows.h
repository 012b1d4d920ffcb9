// What batch normalisation does to vectors of channels, in the loops of operators that do it together with their own work.
#pragma once

#include "norm.h"
#include "vectors.h"

namespace arcface {

// Of a Channel, the addresses: the loops take no std::vector. `slope` is null without an activation.
struct Before {
  const float *mean, *scale, *bias, *slope;
};
inline Before before(const Channel& of) {
  return {of.mean.data(), of.scale.data(), of.bias.data(), of.slope.empty() ? nullptr : of.slope.data()};
}

struct Member {
  Vector mean, scale, bias, slope;
};

template <bool active>
ARCFACE_BODY Member member_of(const Before& of, int64_t c) {
  return {load(of.mean + c), load(of.scale + c), load(of.bias + c), active ? load(of.slope + c) : Vector{}};
}

// dL/dx = scale * (dL/dz - its mean - (x - mean) * along), where along is the mean of dL/dz (x - mean) beside the variance.
template <bool active>
ARCFACE_BODY Vector pulled_back(const Vector& x, const Vector& given, const Member& m, const Vector& level,
                                const Vector& along) {
  const Vector apart = x - m.mean;
  const Vector grad = active ? where_positive(apart * m.scale + m.bias, given, given * m.slope) : given;
  return m.scale * ((grad - level) - apart * along);
}

}  // namespace arcface
