// The second pass over very many classes: the gradient of the centres, a block at a time, and their update at once.
#include "class_blocks.h"
#include "class_formula.h"

#include <torch/library.h>

namespace arcface {
namespace {

// Cosines of one centre become slopes of the loss by them.
template <typename T>
ARCFACE_CLONES void slopes(T* __restrict values, const float* __restrict logs, int64_t count, float scale, float factor,
                           float filter) {
  for (int64_t i = 0; i < count; i++) {
    const float power = factor * exponential(scale * widen(values[i]) - logs[i]);
    narrow(widen(values[i]) > filter ? 0.0f : power, values[i]);
  }
}

template <typename T>
ARCFACE_CLONES float product(const T* __restrict a, const T* __restrict b, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; i++) sum += widen(a[i]) * widen(b[i]);
  return sum;
}

struct Rule {
  float lr, momentum, decay;
};

// PyTorch's SGD with the gradient (pull - (unit . pull) unit) / length, where unit is w / length; `velocity` may be null.
template <typename T>
ARCFACE_CLONES void descend(float* __restrict w, float* __restrict velocity, const T* __restrict pull, int64_t dim,
                            float along, float inverse, const Rule rule) {
  const float back = along * inverse;
  if (velocity == nullptr) {
    for (int64_t d = 0; d < dim; d++) w[d] -= rule.lr * ((widen(pull[d]) - back * w[d]) * inverse + rule.decay * w[d]);
    return;
  }
  for (int64_t d = 0; d < dim; d++) {
    const float moved = rule.momentum * velocity[d] + ((widen(pull[d]) - back * w[d]) * inverse + rule.decay * w[d]);
    velocity[d] = moved;
    w[d] -= rule.lr * moved;
  }
}

template <typename T>
void descent(const at::Tensor& weight, const c10::optional<at::Tensor>& velocity, const at::Tensor& x,
             const at::Tensor& own, const at::Tensor& own_slope, const at::Tensor& log_sum,
             const c10::optional<at::Tensor>& sample, double scale, double filter, int64_t per_class, int64_t block,
             double factor, const Rule rule) {
  Blocks<T> blocks(x, weight, own, sample, per_class, block);
  const int64_t samples = blocks.samples, dim = blocks.dim;
  const auto rows = x.to(dtype_of<T>());
  auto cosines = at::empty({blocks.block * per_class, samples}, rows.options());
  auto shares = at::empty_like(cosines);
  auto pulls = at::empty({blocks.block * per_class, dim}, rows.options());
  auto* centres = weight.data_ptr<float>();
  auto* moving = velocity ? velocity->data_ptr<float>() : nullptr;
  const auto* logs = log_sum.data_ptr<float>();
  const auto* given = own_slope.data_ptr<float>();
  for (int64_t first = 0; first < blocks.classes; first += blocks.block) {
    const int64_t count = blocks.load(centres, first);
    auto cosine = cosines.narrow(0, 0, count), share = shares.narrow(0, 0, count), pull = pulls.narrow(0, 0, count);
    at::mm_out(cosine, blocks.unit.narrow(0, 0, count), rows.t());
    const auto* angles = data<T>(cosine);
    auto* slope = data<T>(share);
    deal_ranges(count / per_class, 256, [&](int64_t begin, int64_t end) {
      const int64_t from = begin * per_class, to = end * per_class;
      std::copy(angles + from * samples, angles + to * samples, slope + from * samples);
      if (per_class > 1)
        for (int64_t i = 0; i < samples; i++) keep_nearest(slope + from * samples + i, end - begin, per_class, samples);
      for (int64_t r = from; r < to; r++) slopes(slope + r * samples, logs, samples, scale, factor, filter);
      for (int64_t i = 0; i < samples; i++) {
        const int64_t mine = blocks.column[i] - first;
        if (blocks.column[i] < 0 || mine < begin || mine >= end) continue;
        int64_t best = mine * per_class;
        for (int64_t k = 1; k < per_class; k++)
          if (widen(angles[(mine * per_class + k) * samples + i]) > widen(angles[best * samples + i]))
            best = mine * per_class + k;
        for (int64_t k = 0; k < per_class; k++) narrow(0.0f, slope[(mine * per_class + k) * samples + i]);
        narrow(given[i], slope[best * samples + i]);
      }
    });
    at::mm_out(pull, share, rows);
    const auto* pulled = data<T>(pull);
    deal_ranges(count, 64, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        const float along = blocks.full[r] ? product(slope + r * samples, angles + r * samples, samples) : 0.0f;
        const int64_t at = blocks.row(first, r) * dim;
        descend(centres + at, moving ? moving + at : nullptr, pulled + r * dim, dim, along, blocks.inverse[r], rule);
      }
    });
  }
}

void class_descent_(at::Tensor weight, const c10::optional<at::Tensor>& velocity, const at::Tensor& x, const at::Tensor& own,
                    const at::Tensor& own_slope, const at::Tensor& log_sum, const c10::optional<at::Tensor>& sample,
                    double scale, double filter, int64_t per_class, int64_t block, double factor, double lr,
                    double momentum, double decay, bool bf16, const c10::optional<at::Tensor>& skip) {
  check(x, weight, own, sample, per_class, block);
  for (const auto& one : {own_slope, log_sum})
    TORCH_CHECK(one.scalar_type() == x.scalar_type() && one.is_contiguous() && one.sizes() == own.sizes(),
                "class_descent_: one slope and one logarithm a sample are wanted");
  TORCH_CHECK(!velocity || (velocity->sizes() == weight.sizes() && velocity->scalar_type() == weight.scalar_type() &&
                            velocity->is_contiguous()),
              "class_descent_: the momentum must be of the centres' shape and dtype");
  if (!has_loops(x, weight) || skip)
    return descent_formula(velocity ? *velocity : at::Tensor(), x, Classes(x, weight, own, sample, per_class, block, bf16),
                           {own_slope, log_sum, scale, filter, factor, lr, momentum, decay}, skip ? *skip : at::Tensor());
  check_classes(weight.size(0) / per_class, own, sample);
  const Rule rule{static_cast<float>(lr), static_cast<float>(momentum), static_cast<float>(decay)};
  const auto run = bf16 && multiplies_bfloat16() ? descent<uint16_t> : descent<float>;
  run(weight, velocity, x, own, own_slope, log_sum, sample, scale, filter, per_class, block, factor, rule);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) { m.impl("class_descent_", class_descent_); }

}  // namespace arcface
