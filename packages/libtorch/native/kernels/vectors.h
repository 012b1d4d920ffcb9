// Sixteen float32 at a time, in the vector extension that GCC and Clang share. Each clone of a caller (loops.h) gets the
// instructions of its processor; where that has shorter vectors the compiler splits them.
#pragma once

#include "loops.h"

#include <cstdlib>
#include <new>
#include <vector>

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

// Gives the value as it was stored.
ARCFACE_BODY Vector store(const Vector& value, float* to) {
  std::memcpy(to, &value, sizeof value);
  return value;
}

// As `narrow`.
ARCFACE_BODY Vector store(const Vector& value, uint16_t* to) {
  Bits bits;
  std::memcpy(&bits, &value, sizeof bits);
  const Bits number = value == value;
  const Bits rounded = ((bits + 0x7fff + ((bits >> 16) & 1)) & number) | (0x7fc00000 & ~number);
  const Halves halves = __builtin_convertvector(rounded >> 16, Halves);
  std::memcpy(to, &halves, sizeof halves);
  const Bits kept = rounded & 0xffff0000;
  Vector stored;
  std::memcpy(&stored, &kept, sizeof stored);
  return stored;
}

// `yes` in the lanes where `of` is above 0, else `no`; `no` for NaN.
ARCFACE_BODY Vector where_positive(const Vector& of, const Vector& yes, const Vector& no) {
  return of > 0 ? yes : no;
}

// Floats that begin with a cache line: a vector that lies in two of them loads half as fast.
template <typename T>
struct Lines {
  using value_type = T;
  Lines() = default;
  template <typename U>
  Lines(const Lines<U>&) {}
  T* allocate(std::size_t count) {
    void* block = nullptr;
    if (posix_memalign(&block, 64, count * sizeof(T))) throw std::bad_alloc();
    return static_cast<T*>(block);
  }
  void deallocate(T* block, std::size_t) { std::free(block); }
  bool operator==(const Lines&) const { return true; }
  bool operator!=(const Lines&) const { return false; }
};
using Floats = std::vector<float, Lines<float>>;

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
