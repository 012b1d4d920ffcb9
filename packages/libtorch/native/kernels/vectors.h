// Sixteen float32 at a time, in the vector extension that GCC and Clang share. Each clone of a caller (loops.h) gets the
// instructions of its processor; where that has shorter vectors the compiler splits them.
#pragma once

#include "loops.h"

namespace arcface {

constexpr int64_t lanes = 16;
typedef float Vector __attribute__((vector_size(64)));

ARCFACE_BODY Vector load(const float* from) {
  Vector value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

typedef uint16_t Halves __attribute__((vector_size(32)));
typedef uint32_t Bits __attribute__((vector_size(64)));

ARCFACE_BODY Vector load(const uint16_t* from) {
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  const Bits bits = __builtin_convertvector(halves, Bits) << 16;
  Vector value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

ARCFACE_BODY void store(const Vector& value, float* to) { std::memcpy(to, &value, sizeof value); }

// As `narrow`.
ARCFACE_BODY void store(const Vector& value, uint16_t* to) {
  Bits bits;
  std::memcpy(&bits, &value, sizeof bits);
  const Bits number = value == value;
  const Bits rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const Halves halves = __builtin_convertvector((rounded & number) | (0x7fc0 & ~number), Halves);
  std::memcpy(to, &halves, sizeof halves);
}

// Lane c of the result is lane c ^ `other`, 0 to 3: a neighbour in a group of 1, 2 or 4 channels.
template <int other>
ARCFACE_BODY Vector neighbour(const Vector& value) {
  if (other == 0) return value;
#ifdef __clang__
  return __builtin_shufflevector(value, value, 0 ^ other, 1 ^ other, 2 ^ other, 3 ^ other, 4 ^ other, 5 ^ other,
                                 6 ^ other, 7 ^ other, 8 ^ other, 9 ^ other, 10 ^ other, 11 ^ other, 12 ^ other,
                                 13 ^ other, 14 ^ other, 15 ^ other);
#else
  typedef int32_t Mask __attribute__((vector_size(64)));
  const Mask mask = {0 ^ other, 1 ^ other, 2 ^ other,  3 ^ other,  4 ^ other,  5 ^ other,  6 ^ other,  7 ^ other,
                     8 ^ other, 9 ^ other, 10 ^ other, 11 ^ other, 12 ^ other, 13 ^ other, 14 ^ other, 15 ^ other};
  return __builtin_shuffle(value, mask);
#endif
}

}  // namespace arcface
