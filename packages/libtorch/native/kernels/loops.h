// What the inner loops of kernels share.
#pragma once

#include <cstdint>
#include <cstring>

// On x86-64 GCC compiles these functions three times and the loader picks by the processor it runs on.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define ARCFACE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ARCFACE_CLONES
#endif
// A body that is compiled inside each clone of its caller.
#define ARCFACE_BODY static inline __attribute__((always_inline))

namespace arcface {

// bfloat16 travels as its bits, which are the upper half of a float32.
ARCFACE_BODY float widen(float value) { return value; }
ARCFACE_BODY float widen(uint16_t value) {
  const uint32_t bits = static_cast<uint32_t>(value) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

ARCFACE_BODY void narrow(float value, float& out) { out = value; }
// To nearest, ties to even, as libtorch.
ARCFACE_BODY void narrow(float value, uint16_t& out) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  out = static_cast<uint16_t>(value == value ? rounded : 0x7fc0);
}

}  // namespace arcface
