// Which of the tables this processor takes, or one with no more than ATEN_CPU_CAPABILITY (default, avx2, avx512), by which
// libtorch limits its own kernels.
#include "products.h"
#include "tiles.h"

#ifdef ARCFACE_X86
#include <cpuid.h>

#include <cstdlib>
#include <cstring>
#endif

namespace arcface {

#ifdef ARCFACE_X86
extern const Products avx512_floats, avx512_widened, avx512_pairs, avx2_floats, avx2_widened;
#endif

namespace {

const Products any_floats = table<Floats<8, 2>>(), any_widened = table<Widened<8, 2>>();

#ifdef ARCFACE_X86
bool limited_to(const char* capability) {
  const char* limit = std::getenv("ATEN_CPU_CAPABILITY");
  return limit && std::strcmp(limit, capability) == 0;
}
// All that the files for AVX-512 are compiled for.
bool has_avx512() {
  return !limited_to("default") && !limited_to("avx2") && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
bool has_avx2() {
  return !limited_to("default") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
bool has_amx() {
  uint32_t eax, ebx, ecx, edx;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && edx >> 22 & 1;
}
#endif

}  // namespace

const Products& products_of_floats() {
#ifdef ARCFACE_X86
  static const auto& best = has_avx512() ? avx512_floats : has_avx2() ? avx2_floats : any_floats;
  return best;
#else
  return any_floats;
#endif
}

const Products* products_of_bfloat16() {
#ifdef ARCFACE_X86
  static const auto* best = [] {
    if (!has_avx512()) return has_avx2() ? &avx2_widened : &any_widened;
    if (has_amx()) return static_cast<const Products*>(nullptr);
    return __builtin_cpu_supports("avx512bf16") ? &avx512_pairs : &avx512_widened;
  }();
  return best;
#else
  return &any_widened;
#endif
}

}  // namespace arcface
