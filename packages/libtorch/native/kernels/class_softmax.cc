// Softmax over very many classes, in blocks of classes: no matrix of [samples, classes] ever exists.
//
// Logits are s cos(x_i, w_j), x of unit length. Both passes normalise a block of centres, multiply it with the
// embeddings and leave the block behind; the second recomputes the probabilities instead of keeping them. A sample's own
// class is left out of the first pass and its slope is given to the second, so that margins are the caller's.
// float32 on the CPU. Sums over classes are float64 between blocks.
#include "loops.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

namespace arcface {
namespace {

constexpr float nothing = -std::numeric_limits<float>::infinity();
// Rows whose largest value is below keep less than unit length, as in cosines.ts.
constexpr float tiny = 1e-12f;

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
ARCFACE_CLONES void normalize(const float* __restrict w, float* __restrict unit, int64_t dim, float& inverse, bool& full) {
  float squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t d = 0; d < dim; d++) squares += w[d] * w[d];
  full = true;
  if (squares > 1e-18f && squares < 1e30f) {
    inverse = 1.0f / std::sqrt(squares);
    for (int64_t d = 0; d < dim; d++) unit[d] = w[d] * inverse;
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
  for (int64_t d = 0; d < dim; d++) unit[d] = w[d] / size / divisor;
  inverse = 1.0f / size / divisor;
}

ARCFACE_CLONES float largest(const float* values, int64_t count, float filter) {
  float most = nothing;
#pragma omp simd reduction(max : most)
  for (int64_t j = 0; j < count; j++) {
    const float value = values[j] > filter ? 0.0f : values[j];
    most = value > most ? value : most;
  }
  return most;
}

// Cosines become e^(s cos - most); gives their sum. Those above `filter` count as 0 and pull at nothing.
ARCFACE_CLONES float exponentials(float* values, int64_t count, float scale, float most, float filter) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < count; j++) {
    const bool twin = values[j] > filter;
    const float power = exponential(scale * (twin ? 0.0f : values[j]) - most);
    sum += power;
    values[j] = twin ? 0.0f : power;
  }
  return sum;
}

// Cosines of one centre become slopes of the loss by them.
ARCFACE_CLONES void slopes(float* __restrict values, const float* __restrict logs, int64_t count, float scale, float factor,
                           float filter) {
  for (int64_t i = 0; i < count; i++) {
    const float power = factor * exponential(scale * values[i] - logs[i]);
    values[i] = values[i] > filter ? 0.0f : power;
  }
}

ARCFACE_CLONES float product(const float* __restrict a, const float* __restrict b, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

struct Rule {
  float lr, momentum, decay;
};

// PyTorch's SGD with the gradient (pull - (unit . pull) unit) / length; `velocity` may be null.
ARCFACE_CLONES void descend(float* __restrict w, float* __restrict velocity, const float* __restrict unit,
                            const float* __restrict pull, int64_t dim, float along, float inverse, const Rule rule) {
  if (velocity == nullptr) {
    for (int64_t d = 0; d < dim; d++) w[d] -= rule.lr * ((pull[d] - along * unit[d]) * inverse + rule.decay * w[d]);
    return;
  }
  for (int64_t d = 0; d < dim; d++) {
    const float moved = rule.momentum * velocity[d] + ((pull[d] - along * unit[d]) * inverse + rule.decay * w[d]);
    velocity[d] = moved;
    w[d] -= rule.lr * moved;
  }
}

// Centres in use, a block at a time: all of them, or those of the classes in `sample`.
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
        unit(at::empty({block * k, dim}, x.options())),
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
    auto* out = unit.data_ptr<float>();
    at::parallel_for(0, count, 64, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        bool whole;
        normalize(weight + row(first, r) * dim, out + r * dim, dim, inverse[r], whole);
        full[r] = whole;
      }
    });
    return count;
  }
};

void check(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& own, const c10::optional<at::Tensor>& sample,
           int64_t per_class, int64_t block) {
  for (const auto& one : {x, weight})
    TORCH_CHECK(one.device().is_cpu() && one.scalar_type() == at::kFloat && one.dim() == 2 && one.is_contiguous(),
                "class_softmax: embeddings and centres must be contiguous float32 matrices on the CPU");
  TORCH_CHECK(x.size(1) == weight.size(1), "class_softmax: embeddings of length ", x.size(1), " and centres of length ",
              weight.size(1));
  TORCH_CHECK(per_class > 0 && block > 0 && weight.size(0) % per_class == 0, "class_softmax: ", weight.size(0),
              " centres cannot be ", per_class, " a class in blocks of ", block);
  const int64_t classes = weight.size(0) / per_class;
  const auto integers = [](const at::Tensor& one) {
    return one.device().is_cpu() && one.scalar_type() == at::kLong && one.dim() == 1 && one.is_contiguous();
  };
  TORCH_CHECK(integers(own) && own.size(0) == x.size(0), "class_softmax: one int64 class a sample is wanted");
  const auto* labels = own.data_ptr<int64_t>();
  for (int64_t i = 0; i < own.size(0); i++)
    TORCH_CHECK(labels[i] < classes, "class_softmax: class ", labels[i], " of ", classes);
  if (!sample) return;
  TORCH_CHECK(integers(*sample), "class_softmax: the classes in use must be int64");
  const auto* chosen = sample->data_ptr<int64_t>();
  for (int64_t j = 0; j < sample->size(0); j++)
    TORCH_CHECK(chosen[j] >= 0 && chosen[j] < classes && (j == 0 || chosen[j - 1] < chosen[j]),
                "class_softmax: the classes in use must be ascending and below ", classes);
}

// Of each class only the nearest centre stays; `step` is the distance from one centre to the next.
void keep_nearest(float* values, int64_t classes, int64_t per_class, int64_t step) {
  for (int64_t j = 0; j < classes; j++) {
    float* group = values + j * per_class * step;
    int64_t best = 0;
    for (int64_t k = 1; k < per_class; k++)
      if (group[k * step] > group[best * step]) best = k;
    for (int64_t k = 0; k < per_class; k++)
      if (k != best) group[k * step] = nothing;
  }
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> class_softmax(const at::Tensor& x, const at::Tensor& weight,
                                                             const at::Tensor& own,
                                                             const c10::optional<at::Tensor>& sample, double scale,
                                                             double filter, int64_t per_class, int64_t block) {
  check(x, weight, own, sample, per_class, block);
  Blocks blocks(x, weight, own, sample, per_class, block);
  const int64_t samples = blocks.samples, dim = blocks.dim;
  auto most = at::full({samples}, nothing, x.options());
  auto sum = at::zeros({samples}, x.options().dtype(at::kDouble));
  auto pull = at::zeros({samples, dim}, x.options());
  auto values = at::empty({samples * blocks.block * per_class}, x.options());
  auto* tops = most.data_ptr<float>();
  auto* sums = sum.data_ptr<double>();
  auto* pulls = pull.data_ptr<float>();
  for (int64_t first = 0; first < blocks.classes; first += blocks.block) {
    const int64_t count = blocks.load(weight.data_ptr<float>(), first);
    const auto unit = blocks.unit.narrow(0, 0, count);
    auto part = values.narrow(0, 0, samples * count).view({samples, count});
    at::mm_out(part, x, unit.t());
    at::parallel_for(0, samples, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        float* row = part.data_ptr<float>() + i * count;
        const int64_t mine = (blocks.column[i] - first) * per_class;
        if (per_class > 1) keep_nearest(row, count / per_class, per_class, 1);
        if (blocks.column[i] >= first && mine < count) std::fill(row + mine, row + mine + per_class, nothing);
        const float top = std::max(tops[i], static_cast<float>(scale) * largest(row, count, filter));
        const float shift = top == nothing ? 0.0f : top;
        const float shrink = tops[i] == nothing ? 0.0f : std::exp(tops[i] - top);
        sums[i] = sums[i] * shrink + exponentials(row, count, scale, shift, filter);
        if (shrink != 1.0f)
          for (int64_t d = 0; d < dim; d++) pulls[i * dim + d] *= shrink;
        tops[i] = top;
      }
    });
    pull.addmm_(part, unit);
  }
  return std::make_tuple(most, sum, pull);
}

void class_descent_(at::Tensor weight, const c10::optional<at::Tensor>& velocity, const at::Tensor& x, const at::Tensor& own,
                    const at::Tensor& own_slope, const at::Tensor& log_sum, const c10::optional<at::Tensor>& sample,
                    double scale, double filter, int64_t per_class, int64_t block, double factor, double lr,
                    double momentum, double decay) {
  check(x, weight, own, sample, per_class, block);
  for (const auto& one : {own_slope, log_sum})
    TORCH_CHECK(one.scalar_type() == at::kFloat && one.is_contiguous() && one.sizes() == own.sizes(),
                "class_descent_: one float32 slope and one logarithm a sample are wanted");
  TORCH_CHECK(!velocity || (velocity->sizes() == weight.sizes() && velocity->scalar_type() == at::kFloat &&
                            velocity->is_contiguous()),
              "class_descent_: the momentum must be of the centres' shape and dtype");
  Blocks blocks(x, weight, own, sample, per_class, block);
  const int64_t samples = blocks.samples, dim = blocks.dim;
  const Rule rule{static_cast<float>(lr), static_cast<float>(momentum), static_cast<float>(decay)};
  auto cosines = at::empty({blocks.block * per_class, samples}, x.options());
  auto shares = at::empty_like(cosines);
  auto pulls = at::empty({blocks.block * per_class, dim}, x.options());
  auto* centres = weight.data_ptr<float>();
  auto* moving = velocity ? velocity->data_ptr<float>() : nullptr;
  const auto* logs = log_sum.data_ptr<float>();
  const auto* given = own_slope.data_ptr<float>();
  for (int64_t first = 0; first < blocks.classes; first += blocks.block) {
    const int64_t count = blocks.load(centres, first);
    auto cosine = cosines.narrow(0, 0, count), share = shares.narrow(0, 0, count), pull = pulls.narrow(0, 0, count);
    at::mm_out(cosine, blocks.unit.narrow(0, 0, count), x.t());
    const auto* angles = cosine.data_ptr<float>();
    auto* slope = share.data_ptr<float>();
    at::parallel_for(0, count / per_class, 16, [&](int64_t begin, int64_t end) {
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
          if (angles[(mine * per_class + k) * samples + i] > angles[best * samples + i]) best = mine * per_class + k;
        for (int64_t k = 0; k < per_class; k++) slope[(mine * per_class + k) * samples + i] = 0.0f;
        slope[best * samples + i] = given[i];
      }
    });
    at::mm_out(pull, share, x);
    const auto* unit = blocks.unit.data_ptr<float>();
    at::parallel_for(0, count, 64, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; r++) {
        const float along = blocks.full[r] ? product(slope + r * samples, angles + r * samples, samples) : 0.0f;
        const int64_t at = blocks.row(first, r) * dim;
        descend(centres + at, moving ? moving + at : nullptr, unit + r * dim, pull.data_ptr<float>() + r * dim, dim,
                along, blocks.inverse[r], rule);
      }
    });
  }
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CPU, m) {
  m.impl("class_softmax", class_softmax);
  m.impl("class_descent_", class_descent_);
}

}  // namespace arcface
