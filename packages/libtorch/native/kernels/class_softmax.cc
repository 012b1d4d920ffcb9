// Softmax over very many classes, in blocks of classes: no matrix of [samples, classes] ever exists.
//
// Logits are s cos(x_i, w_j), x of unit length. Both passes normalise a block of centres, multiply it with the
// embeddings and leave the block behind; the second (class_descent.cc) recomputes the probabilities instead of keeping
// them. A sample's own class is left out of the first pass and its slope is given to the second, so that margins are the
// caller's. Loops for float32 on the CPU, products in bfloat16 if that is asked for and the processor has it; elsewhere
// class_formula.h. Sums over classes are float64 between blocks.
#include "class_blocks.h"
#include "class_formula.h"

#include <torch/library.h>

#include <tuple>

namespace arcface {
namespace {

using Sums = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

template <typename T>
ARCFACE_CLONES float largest(const T* values, int64_t count, float filter) {
  float most = nothing;
#pragma omp simd reduction(max : most)
  for (int64_t j = 0; j < count; j++) {
    const float value = widen(values[j]) > filter ? 0.0f : widen(values[j]);
    most = value > most ? value : most;
  }
  return most;
}

// Cosines become e^(s cos - most); gives their sum. Those above `filter` count as 0 and pull at nothing.
template <typename T>
ARCFACE_CLONES float exponentials(T* values, int64_t count, float scale, float most, float filter) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; j++) {
    const float cosine = widen(values[j]);
    const bool twin = cosine > filter;
    const float power = exponential(scale * (twin ? 0.0f : cosine) - most);
    sum += power;
    narrow(twin ? 0.0f : power, values[j]);
  }
  return sum;
}

template <typename T>
Sums softmax(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& own,
             const c10::optional<at::Tensor>& sample, double scale, double filter, int64_t per_class, int64_t block) {
  Blocks<T> blocks(x, weight, own, sample, per_class, block);
  const int64_t samples = blocks.samples, dim = blocks.dim;
  const auto rows = x.to(dtype_of<T>());
  auto most = at::full({samples}, nothing, x.options());
  auto sum = at::zeros({samples}, x.options().dtype(at::kDouble));
  auto pull = at::zeros({samples, dim}, x.options());
  auto values = at::empty({samples * blocks.block * per_class}, rows.options());
  auto* tops = most.data_ptr<float>();
  auto* sums = sum.data_ptr<double>();
  auto* pulls = pull.data_ptr<float>();
  for (int64_t first = 0; first < blocks.classes; first += blocks.block) {
    const int64_t count = blocks.load(weight.data_ptr<float>(), first);
    const auto unit = blocks.unit.narrow(0, 0, count);
    auto part = values.narrow(0, 0, samples * count).view({samples, count});
    at::mm_out(part, rows, unit.t());
    deal(samples, [&](int64_t i) {
      T* row = data<T>(part) + i * count;
      const int64_t mine = (blocks.column[i] - first) * per_class;
      if (per_class > 1) keep_nearest(row, count / per_class, per_class, 1);
      if (blocks.column[i] >= first && mine < count) for (int64_t k = mine; k < mine + per_class; k++) narrow(nothing, row[k]);
      const float top = std::max(tops[i], static_cast<float>(scale) * largest(row, count, filter));
      const float shift = top == nothing ? 0.0f : top;
      const float shrink = tops[i] == nothing ? 0.0f : std::exp(tops[i] - top);
      sums[i] = sums[i] * shrink + exponentials(row, count, scale, shift, filter);
      if (shrink != 1.0f)
        for (int64_t d = 0; d < dim; d++) pulls[i * dim + d] *= shrink;
      tops[i] = top;
    });
    if (std::is_same<T, float>::value) pull.addmm_(part, unit);
    else pull.add_(at::mm(part, unit));
  }
  return std::make_tuple(most, sum, pull);
}

Sums class_softmax(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& own,
                   const c10::optional<at::Tensor>& sample, double scale, double filter, int64_t per_class, int64_t block,
                   bool bf16) {
  check(x, weight, own, sample, per_class, block);
  if (!has_loops(x, weight))
    return softmax_formula(x, Classes(x, weight, own, sample, per_class, block, bf16), scale, filter);
  check_classes(weight.size(0) / per_class, own, sample);
  const auto run = bf16 && multiplies_bfloat16() ? softmax<uint16_t> : softmax<float>;
  return run(x, weight, own, sample, scale, filter, per_class, block);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) { m.impl("class_softmax", class_softmax); }

}  // namespace arcface
