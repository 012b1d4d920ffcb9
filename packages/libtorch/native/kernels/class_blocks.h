// What both passes over very many classes share: the centres in use, a block at a time.
//
// Products are of T: float, or uint16_t for bfloat16, whose results libtorch rounds to bfloat16 but sums in float32.
#pragma once

#include "loops.h"
#include "parallel.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace arcface {
namespace {

constexpr float nothing = -std::numeric_limits<float>::infinity();
// Rows whose largest value is below keep less than unit length, as in cosines.ts.
constexpr float tiny = 1e-12f;

template <typename T>
constexpr at::ScalarType dtype_of() {
  return std::is_same<T, float>::value ? at::kFloat : at::kBFloat16;
}
template <typename T>
T* data(const at::Tensor& of) {
  return static_cast<T*>(of.data_ptr());
}

// Elsewhere libtorch computes such products in loops that are slower than those of float32.
bool multiplies_bfloat16() {
#if defined(__x86_64__) && defined(__GNUC__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

// e^x for x <= 88, 0 below -87: 2^k times the series of what is left, which is at most ln(2) / 2.
ARCFACE_BODY float exponential(float x) {
  const float bounded = x < -87.0f ? -87.0f : x;
  const float shifted = bounded * 1.44269504f + 12582912.0f;  // 1.5 * 2^23: the integer is in the low bits
  const float k = shifted - 12582912.0f;
  const float r = (bounded - k * 0.693145752f) - k * 1.42860677e-6f;
  const float series =
      1.0f + r * (1.0f + r * (0.5f + r * (1.66666667e-1f + r * (4.16666667e-2f + r * (8.33333333e-3f + r * 1.38888889e-3f)))));
  int32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = static_cast<int32_t>((static_cast<uint32_t>(bits) - 0x4b400000u + 127u) << 23);
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return x < -87.0f ? 0.0f : series * power;
}

// A row at unit length, and one over the length; `full` is false for rows too short for that.
template <typename T>
ARCFACE_CLONES void normalize(const float* __restrict w, T* __restrict unit, int64_t dim, float& inverse, bool& full) {
  float squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t d = 0; d < dim; d++) squares += w[d] * w[d];
  full = true;
  if (squares > 1e-18f && squares < 1e30f) {
    inverse = 1.0f / std::sqrt(squares);
    for (int64_t d = 0; d < dim; d++) narrow(w[d] * inverse, unit[d]);
    return;
  }
  // Squares that may have overflowed or vanished.
  float size = tiny;
  for (int64_t d = 0; d < dim; d++) size = std::max(size, std::fabs(w[d]));
  float sum = 0;
  for (int64_t d = 0; d < dim; d++) sum += (w[d] / size) * (w[d] / size);
  const float length = std::sqrt(sum);
  full = !(length < 0.5f);
  const float divisor = full ? length : 0.5f;
  for (int64_t d = 0; d < dim; d++) narrow(w[d] / size / divisor, unit[d]);
  inverse = 1.0f / size / divisor;
}

// Centres in use at unit length, a block at a time: all of them, or those of the classes in `sample`.
template <typename T>
struct Blocks {
  const int64_t* own;
  const int64_t* sample;
  int64_t samples, dim, per_class, classes, block;
  at::Tensor unit;
  std::vector<float> inverse;
  std::vector<char> full;
  std::vector<int64_t> column;  // of a sample's own class among those in use, or -1

  Blocks(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& own_classes,
         const c10::optional<at::Tensor>& chosen, int64_t k, int64_t block_classes)
      : own(own_classes.data_ptr<int64_t>()),
        sample(chosen ? chosen->data_ptr<int64_t>() : nullptr),
        samples(x.size(0)),
        dim(x.size(1)),
        per_class(k),
        classes(chosen ? chosen->size(0) : weight.size(0) / k),
        block(std::min(block_classes, std::max<int64_t>(1, classes))),
        unit(at::empty({block * k, dim}, x.options().dtype(dtype_of<T>()))),
        inverse(block * k),
        full(block * k),
        column(samples) {
    for (int64_t i = 0; i < samples; i++) {
      column[i] = own[i];
      if (sample == nullptr || own[i] < 0) continue;
      const auto found = std::lower_bound(sample, sample + classes, own[i]);
      TORCH_CHECK(found != sample + classes && *found == own[i], "class_softmax: class ", own[i], " of sample ", i,
                  " is not among the classes of `sample`");
      column[i] = found - sample;
    }
  }

  // The row of centre r of the block that begins with class `first`.
  int64_t row(int64_t first, int64_t r) const {
    if (sample == nullptr) return first * per_class + r;
    return sample[first + r / per_class] * per_class + r % per_class;
  }

  int64_t load(const float* weight, int64_t first) {
    const int64_t count = std::min(block, classes - first) * per_class;
    auto* out = data<T>(unit);
    deal_ranges(count, 64, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        bool whole;
        normalize(weight + row(first, r) * dim, out + r * dim, dim, inverse[r], whole);
        full[r] = whole;
      }
    });
    return count;
  }
};

bool has_loops(const at::Tensor& x, const at::Tensor& weight) {
  const auto usual = [](const at::Tensor& one) { return one.device().is_cpu() && one.scalar_type() == at::kFloat; };
  return usual(x) && usual(weight);
}

void check(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& own, const c10::optional<at::Tensor>& sample,
           int64_t per_class, int64_t block) {
  const auto device = weight.device();
  for (const auto& one : {x, weight})
    TORCH_CHECK(one.device() == device && one.scalar_type() == weight.scalar_type() && one.dim() == 2 &&
                    one.is_contiguous() && one.is_floating_point(),
                "class_softmax: embeddings and centres must be contiguous matrices of one floating dtype on one device");
  TORCH_CHECK(x.size(1) == weight.size(1), "class_softmax: embeddings of length ", x.size(1), " and centres of length ",
              weight.size(1));
  TORCH_CHECK(per_class > 0 && block > 0 && weight.size(0) % per_class == 0, "class_softmax: ", weight.size(0),
              " centres cannot be ", per_class, " a class in blocks of ", block);
  const auto integers = [&](const at::Tensor& one) {
    return one.device() == device && one.scalar_type() == at::kLong && one.dim() == 1 && one.is_contiguous();
  };
  TORCH_CHECK(integers(own) && own.size(0) == x.size(0), "class_softmax: one int64 class a sample is wanted");
  TORCH_CHECK(!sample || integers(*sample), "class_softmax: the classes in use must be int64");
}

// On another device it would have to be waited for.
void check_classes(int64_t classes, const at::Tensor& own, const c10::optional<at::Tensor>& sample) {
  const auto* labels = own.data_ptr<int64_t>();
  for (int64_t i = 0; i < own.size(0); i++)
    TORCH_CHECK(labels[i] < classes, "class_softmax: class ", labels[i], " of ", classes);
  if (!sample) return;
  const auto* chosen = sample->data_ptr<int64_t>();
  for (int64_t j = 0; j < sample->size(0); j++)
    TORCH_CHECK(chosen[j] >= 0 && chosen[j] < classes && (j == 0 || chosen[j - 1] < chosen[j]),
                "class_softmax: the classes in use must be ascending and below ", classes);
}

// Of each class only the nearest centre stays; `step` is the distance from one centre to the next.
template <typename T>
void keep_nearest(T* values, int64_t classes, int64_t per_class, int64_t step) {
  for (int64_t j = 0; j < classes; j++) {
    T* group = values + j * per_class * step;
    int64_t best = 0;
    for (int64_t k = 1; k < per_class; k++)
      if (widen(group[k * step]) > widen(group[best * step])) best = k;
    for (int64_t k = 0; k < per_class; k++)
      if (k != best) narrow(nothing, group[k * step]);
  }
}

}  // namespace
}  // namespace arcface
