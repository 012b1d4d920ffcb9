// The loops of batch normalisation over memory as [rows, channels], float32 or bfloat16: norm.h.
#include "norm.h"

#include "loops.h"
#include "parallel.h"
#include "statistics.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <cmath>

namespace arcface {
namespace {

constexpr int64_t values_a_task = 16384;

// Memory as [rows, channels], in tasks of some rows whose values fit into the second cache.
struct Rows {
  int64_t channels, rows, a_task;
  explicit Rows(const at::Tensor& x)
      : channels(x.size(1)), rows(x.numel() / channels), a_task(std::max<int64_t>(1, values_a_task / channels)) {}
  int64_t tasks() const { return (rows + a_task - 1) / a_task; }
  int64_t count(int64_t task) const { return std::min(rows, (task + 1) * a_task) - task * a_task; }

  template <typename F>
  void each(const F& body) const {
    deal(tasks(), [&](int64_t task) { body(task, task * a_task * channels, count(task)); });
  }
};

// Adds of `together` rows the distances from a point, or their squares, to a row of sums, which is then loaded and stored
// once.
template <int together, bool squared, typename T>
ARCFACE_BODY void add_some(const T* __restrict x, const float* __restrict from, float* __restrict sums,
                           int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    float sum = 0;
    for (int r = 0; r < together; r++) {
      const float apart = widen(x[r * channels + c]) - from[c];
      sum += squared ? apart * apart : apart;
    }
    sums[c] += sum;
  }
}

template <bool squared, typename T>
ARCFACE_BODY void add_all(const T* x, const float* from, float* sums, int64_t rows, int64_t channels) {
  constexpr int together = 8;
  int64_t r = 0;
  for (; r + together <= rows; r += together) add_some<together, squared>(x + r * channels, from, sums, channels);
  for (; r < rows; r++) add_some<1, squared>(x + r * channels, from, sums, channels);
}

// One part of the statistics (statistics.h). Distances from the first row are summed, for a mean may be large beside
// them; the second sweep finds the rows in the cache. `squares` is 0 at first.
template <typename T>
ARCFACE_CLONES void moments(const T* __restrict x, float* __restrict counts, float* __restrict mean,
                            float* __restrict squares, float* __restrict first, int64_t rows, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    counts[c] = static_cast<float>(rows);
    first[c] = widen(x[c]);
  }
  add_all<false>(x, first, squares, rows, channels);
  for (int64_t c = 0; c < channels; c++) {
    mean[c] = first[c] + squares[c] / static_cast<float>(rows);
    squares[c] = 0;
  }
  add_all<true>(x, mean, squares, rows, channels);
}

template <bool active, bool summed, typename T>
ARCFACE_CLONES void transform(const T* __restrict x, const T* __restrict residual, T* __restrict y, int64_t rows,
                              int64_t channels, const float* __restrict mean, const float* __restrict scale,
                              const float* __restrict bias, const float* __restrict slope) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < channels; c++) {
      const float z = (widen(x[r * channels + c]) - mean[c]) * scale[c] + bias[c];
      const float value = active && !(z > 0) ? z * slope[c] : z;
      narrow(summed ? value + widen(residual[r * channels + c]) : value, y[r * channels + c]);
    }
  }
}

// Of some rows the sums of dL/dz, of its product with x - mean, and of dL/dslope.
template <int together, bool active, typename T>
ARCFACE_BODY void add_some_gradients(const T* __restrict x, const T* __restrict given, int64_t channels,
                                     const float* __restrict mean, const float* __restrict scale,
                                     const float* __restrict bias, const float* __restrict slope, float* __restrict sums,
                                     float* __restrict products, float* __restrict d_slope) {
  for (int64_t c = 0; c < channels; c++) {
    float sum = 0, product = 0, negative = 0;
    for (int r = 0; r < together; r++) {
      const float apart = widen(x[r * channels + c]) - mean[c], grad = widen(given[r * channels + c]);
      float inner = grad;
      if (active) {
        const float z = apart * scale[c] + bias[c], below = grad * z;
        inner = z > 0 ? grad : grad * slope[c];
        negative += z > 0 ? 0.0f : below;
      }
      sum += inner;
      product += inner * apart;
    }
    sums[c] += sum;
    products[c] += product;
    if (active) d_slope[c] += negative;
  }
}

template <bool active, typename T>
ARCFACE_CLONES void gradients(const T* x, const T* given, int64_t rows, int64_t channels, const float* mean,
                              const float* scale, const float* bias, const float* slope, float* sums, float* products,
                              float* d_slope) {
  constexpr int together = 4;
  int64_t r = 0;
  for (; r + together <= rows; r += together)
    add_some_gradients<together, active>(x + r * channels, given + r * channels, channels, mean, scale, bias, slope,
                                         sums, products, d_slope);
  for (; r < rows; r++)
    add_some_gradients<1, active>(x + r * channels, given + r * channels, channels, mean, scale, bias, slope, sums,
                                  products, d_slope);
}

// dL/dx = scale * (dL/dz - its mean - (x - mean) * along), where along is the mean of dL/dz (x - mean) beside the variance.
template <bool active, typename T>
ARCFACE_CLONES void pull_back(const T* __restrict x, const T* __restrict given, T* __restrict out, int64_t rows,
                              int64_t channels, const float* __restrict mean, const float* __restrict scale,
                              const float* __restrict bias, const float* __restrict slope,
                              const float* __restrict level, const float* __restrict along) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < channels; c++) {
      const float apart = widen(x[r * channels + c]) - mean[c];
      float grad = widen(given[r * channels + c]);
      if (active) grad = apart * scale[c] + bias[c] > 0 ? grad : grad * slope[c];
      narrow(scale[c] * ((grad - level[c]) - apart * along[c]), out[r * channels + c]);
    }
  }
}

std::vector<float> floats(const at::Tensor& of, int64_t count) {
  const auto values = of.detach().expand({count}).contiguous();
  const auto* from = values.data_ptr<float>();
  return {from, from + count};
}

template <typename T>
at::Tensor parts_of(const at::Tensor& x) {
  const Rows rows(x);
  const int64_t channels = rows.channels;
  auto parts = at::zeros({rows.tasks(), statistics_kinds, channels}, at::device(at::kCPU).dtype(at::kFloat));
  auto* part = parts.data_ptr<float>();
  const auto* from = static_cast<const T*>(x.data_ptr());
  rows.each([&](int64_t task, int64_t at, int64_t count) {
    float* counts = part + task * statistics_kinds * channels;
    std::vector<float> first(channels);
    moments(from + at, counts, counts + channels, counts + 2 * channels, first.data(), count, channels);
  });
  return parts;
}

template <typename T>
at::Tensor transform_all(const at::Tensor& x, const Channel& of, const Optional& residual) {
  auto y = at::empty_like(x);
  const Rows rows(x);
  const auto* from = static_cast<const T*>(x.data_ptr());
  const auto* added = residual ? static_cast<const T*>(residual->data_ptr()) : nullptr;
  auto* to = static_cast<T*>(y.data_ptr());
  const bool active = !of.slope.empty();
  const auto loop = active ? (added ? transform<true, true, T> : transform<true, false, T>)
                           : (added ? transform<false, true, T> : transform<false, false, T>);
  rows.each([&](int64_t, int64_t at, int64_t count) {
    loop(from + at, added ? added + at : nullptr, to + at, count, rows.channels, of.mean.data(), of.scale.data(),
         of.bias.data(), of.slope.data());
  });
  return y;
}

template <typename T>
at::Tensor gradient_totals(const at::Tensor& grad, const at::Tensor& x, const Channel& of) {
  const Rows rows(x);
  const int64_t channels = rows.channels;
  const bool active = !of.slope.empty();
  const int64_t kinds = active ? 3 : 2;
  auto parts = at::zeros({rows.tasks(), kinds, channels}, at::device(at::kCPU).dtype(at::kFloat));
  auto* part = parts.data_ptr<float>();
  const auto* from = static_cast<const T*>(x.data_ptr());
  const auto* given = static_cast<const T*>(grad.data_ptr());
  const auto sum = active ? gradients<true, T> : gradients<false, T>;
  rows.each([&](int64_t task, int64_t at, int64_t count) {
    float* sums = part + task * kinds * channels;
    sum(from + at, given + at, count, channels, of.mean.data(), of.scale.data(), of.bias.data(), of.slope.data(), sums,
        sums + channels, sums + 2 * channels);
  });
  return parts.sum(0, false, at::kDouble);
}

}  // namespace

bool usual_parameters(std::initializer_list<const at::Tensor*> parameters) {
  for (const auto* one : parameters)
    if (!usual(*one) || one->scalar_type() != at::kFloat || !one->is_contiguous()) return false;
  return true;
}

void check_layer(const char* name, const at::Tensor& weight, std::initializer_list<const at::Tensor*> parameters,
                 const Optional& slope) {
  const int64_t out = weight.size(0);
  for (const auto* one : parameters)
    TORCH_CHECK(one->dim() == 1 && one->size(0) == out, name, ": parameters and statistics of sizes ", one->sizes(),
                " do not fit weights of sizes ", weight.sizes(), "; it wants one value for each output");
  TORCH_CHECK(!slope || slope->numel() == 1 || slope->numel() == out, name, ": ", slope ? slope->numel() : 0,
              " slopes do not fit weights of sizes ", weight.sizes());
}

at::Tensor statistics_of(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat ? parts_of<float>(x) : parts_of<uint16_t>(x);
}

Channel channel(const at::Tensor& mean, const at::Tensor& inverse, const at::Tensor& weight, const at::Tensor& bias,
                const Optional& slope) {
  const int64_t count = weight.numel();
  Channel of{floats(mean, count), floats(weight.detach() * inverse, count), floats(bias, count), {}};
  if (slope) of.slope = floats(slope->flatten().to(at::kFloat), count);
  return of;
}

std::tuple<at::Tensor, at::Tensor> together(const at::Tensor& stats, at::Tensor running_mean, at::Tensor running_var,
                                            double momentum, double eps) {
  const int64_t parts = stats.size(0), channels = stats.size(2);
  const auto* part = stats.data_ptr<float>();
  auto mean = at::empty({channels}, running_mean.options()), inverse = at::empty_like(mean);
  auto *means = mean.data_ptr<float>(), *inverses = inverse.data_ptr<float>();
  auto *moving_mean = running_mean.data_ptr<float>(), *moving_var = running_var.data_ptr<float>();
  std::vector<double> n(channels), centre(channels), squares(channels);
  for (int64_t i = 0; i < parts; i++) {
    const float* counts = part + i * statistics_kinds * channels;
    for (int64_t c = 0; c < channels; c++) {
      n[c] += counts[c];
      centre[c] += static_cast<double>(counts[c]) * counts[channels + c];
    }
  }
  for (int64_t c = 0; c < channels; c++) centre[c] /= n[c];
  for (int64_t i = 0; i < parts; i++) {
    const float* counts = part + i * statistics_kinds * channels;
    for (int64_t c = 0; c < channels; c++) {
      const double apart = counts[channels + c] - centre[c];
      squares[c] += counts[2 * channels + c] + counts[c] * apart * apart;
    }
  }
  for (int64_t c = 0; c < channels; c++) {
    means[c] = centre[c];
    inverses[c] = 1.0 / std::sqrt(squares[c] / n[c] + eps);
    moving_mean[c] = momentum * centre[c] + (1 - momentum) * moving_mean[c];
    moving_var[c] = momentum * squares[c] / (n[c] - 1) + (1 - momentum) * moving_var[c];
  }
  return std::make_tuple(mean, inverse);
}

at::Tensor normalized(const at::Tensor& x, const Channel& of, const Optional& residual) {
  return x.scalar_type() == at::kFloat ? transform_all<float>(x, of, residual) : transform_all<uint16_t>(x, of, residual);
}

NormGradients gradients_of(const at::Tensor& grad, const at::Tensor& x, const Channel& of, const at::Tensor& inverse,
                           bool training) {
  const auto totals = x.scalar_type() == at::kFloat ? gradient_totals<float>(grad, x, of)
                                                    : gradient_totals<uint16_t>(grad, x, of);
  const int64_t channels = totals.size(1), rows = x.numel() / channels;
  auto* total = totals.data_ptr<double>();
  const auto* inverses = inverse.data_ptr<float>();
  NormGradients by;
  by.level.resize(channels);
  by.along.resize(channels);
  for (int64_t c = 0; c < channels; c++) {
    total[channels + c] *= inverses[c];
    if (!training) continue;
    by.level[c] = total[c] / rows;
    by.along[c] = total[channels + c] * inverses[c] / rows;
  }
  const auto all = totals.to(at::kFloat);
  by.weight = all[1];
  by.bias = all[0];
  if (!of.slope.empty()) by.slope = all[2];
  return by;
}

void pull_back_rows(at::ScalarType type, const void* x, const void* given, void* out, int64_t rows, const Channel& of,
                    const NormGradients& by) {
  const int64_t channels = of.mean.size();
  const bool active = !of.slope.empty();
  if (type == at::kFloat) {
    const auto pull = active ? pull_back<true, float> : pull_back<false, float>;
    pull(static_cast<const float*>(x), static_cast<const float*>(given), static_cast<float*>(out), rows, channels,
         of.mean.data(), of.scale.data(), of.bias.data(), of.slope.data(), by.level.data(), by.along.data());
  } else {
    const auto pull = active ? pull_back<true, uint16_t> : pull_back<false, uint16_t>;
    pull(static_cast<const uint16_t*>(x), static_cast<const uint16_t*>(given), static_cast<uint16_t*>(out), rows,
         channels, of.mean.data(), of.scale.data(), of.bias.data(), of.slope.data(), by.level.data(), by.along.data());
  }
}

at::Tensor pull_back_all(const at::Tensor& grad, const at::Tensor& x, const Channel& of, const NormGradients& by) {
  auto grad_x = at::empty_like(x);
  const Rows rows(x);
  const int64_t size = x.element_size();
  const auto *from = static_cast<const char*>(x.data_ptr()), *given = static_cast<const char*>(grad.data_ptr());
  auto* to = static_cast<char*>(grad_x.data_ptr());
  rows.each([&](int64_t, int64_t at, int64_t count) {
    pull_back_rows(x.scalar_type(), from + at * size, given + at * size, to + at * size, count, of, by);
  });
  return grad_x;
}

at::Tensor slope_gradient(const at::Tensor& of_channels, const at::Tensor& slope) {
  return (slope.numel() == 1 ? of_channels.sum() : of_channels).reshape(slope.sizes()).to(slope.scalar_type());
}

at::Tensor normalized_in_training(const at::Tensor& y, const at::Tensor& scale, const at::Tensor& shift,
                                  const at::Tensor& running_mean, const at::Tensor& running_var, const Optional& slope,
                                  const Optional& residual, double momentum, double eps) {
  static const auto norm =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow("arcface::batch_norm", "")
          .typed<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, at::Tensor, at::Tensor,
                            const Optional&, const Optional&, bool, double, double, const Optional&)>();
  return norm.call(y, scale, shift, running_mean, running_var, slope, residual, true, momentum, eps, c10::nullopt);
}

}  // namespace arcface
