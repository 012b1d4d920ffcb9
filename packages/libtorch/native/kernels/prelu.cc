// PReLU (He et al. 2015): y = x where x > 0, else w x, one slope w a channel or one for all.
//
// libtorch 1.13 writes the product of gradient and input of every element and sums it afterwards; here
// one pass over the memory gives both gradients. float32 and bfloat16 on the CPU, contiguous or channels
// last; slopes are float32 and their gradient is summed in float32, in an order that does not depend on
// the number of threads. Every other dtype and device takes the same formula made of ATen's operators.
#include "loops.h"
#include "parallel.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <tuple>

namespace arcface {
namespace {

// Memory as [planes, inner], where plane p is of channel p % channels, or as [rows, channels].

template <typename T>
ARCFACE_CLONES void forward_planes(const T* __restrict x, const float* weight, T* __restrict y, int64_t begin,
                                   int64_t end, int64_t channels, int64_t inner) {
  for (int64_t p = begin; p < end; p++) {
    const float slope = weight[p % channels];
    for (int64_t i = p * inner; i < (p + 1) * inner; i++) {
      const float value = widen(x[i]);
      narrow(value * (value > 0 ? 1.0f : slope), y[i]);
    }
  }
}

template <typename T>
ARCFACE_CLONES void backward_planes(const T* __restrict grad, const T* __restrict x, const float* weight,
                                    T* __restrict grad_x, float* sums, int64_t begin, int64_t end,
                                    int64_t channels, int64_t inner) {
  for (int64_t p = begin; p < end; p++) {
    const float slope = weight[p % channels];
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = p * inner; i < (p + 1) * inner; i++) {
      const float value = widen(x[i]), given = widen(grad[i]);
      narrow(given * (value > 0 ? 1.0f : slope), grad_x[i]);
      const float product = value * given;
      sum += value > 0 ? 0.0f : product;
    }
    sums[p] = sum;
  }
}

template <typename T>
ARCFACE_CLONES void forward_rows(const T* __restrict x, const float* __restrict weight, T* __restrict y,
                                 int64_t begin, int64_t end, int64_t channels) {
  for (int64_t r = begin; r < end; r++) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = widen(x[r * channels + c]), slope = weight[c];
      narrow(value * (value > 0 ? 1.0f : slope), y[r * channels + c]);
    }
  }
}

// `together` rows at a time: each loads and stores the sums once.
template <int64_t together, typename T>
ARCFACE_BODY void backward_some_rows(const T* __restrict grad, const T* __restrict x, const float* __restrict weight,
                                     T* __restrict grad_x, float* __restrict sums, int64_t channels) {
  for (int64_t c = 0; c < channels; c++) {
    const float slope = weight[c];
    float sum = 0;
    for (int64_t r = 0; r < together; r++) {
      const float value = widen(x[r * channels + c]), given = widen(grad[r * channels + c]);
      const float product = value * given;
      narrow(given * (value > 0 ? 1.0f : slope), grad_x[r * channels + c]);
      sum += value > 0 ? 0.0f : product;
    }
    sums[c] += sum;
  }
}

template <typename T>
ARCFACE_CLONES void backward_rows(const T* grad, const T* x, const float* weight, T* grad_x, float* sums,
                                  int64_t begin, int64_t end, int64_t channels) {
  constexpr int64_t together = 4;
  int64_t r = begin * channels;
  for (; begin + together <= end; begin += together, r += together * channels)
    backward_some_rows<together>(grad + r, x + r, weight, grad_x + r, sums, channels);
  for (; begin < end; begin++, r += channels)
    backward_some_rows<1>(grad + r, x + r, weight, grad_x + r, sums, channels);
}

constexpr int64_t values_a_task = 16384;

// What the loops run over: `self` as `count` planes of `inner` values, or as `count` rows of `channels`.
struct Problem {
  at::MemoryFormat format;
  at::Tensor x, weight;
  int64_t channels, count, inner;
  bool planes;
  int64_t per_task;

  Problem(const at::Tensor& self, const at::Tensor& slopes)
      : format(self.suggest_memory_format()), x(self.contiguous(format)), channels(self.dim() > 1 ? self.size(1) : 1) {
    weight = slopes.to(at::kFloat).flatten().expand({channels}).contiguous();
    const int64_t samples = self.dim() > 1 ? self.size(0) : 1;
    const int64_t values = x.numel();
    inner = values ? values / (samples * channels) : 0;
    planes = format == at::MemoryFormat::Contiguous && inner > 1;
    count = planes ? samples * channels : values ? samples * inner : 0;
    per_task = std::max<int64_t>(1, values_a_task / std::max<int64_t>(1, planes ? inner : channels));
  }
  int64_t tasks() const { return (count + per_task - 1) / per_task; }
};

template <typename T>
at::Tensor forward_loops(const Problem& p) {
  auto y = at::empty_like(p.x);
  const auto* x = static_cast<const T*>(p.x.data_ptr());
  const auto* weight = p.weight.data_ptr<float>();
  auto* out = static_cast<T*>(y.data_ptr());
  deal_ranges(p.count, p.per_task, [&](int64_t begin, int64_t end) {
    if (p.planes) forward_planes(x, weight, out, begin, end, p.channels, p.inner);
    else forward_rows(x, weight, out, begin, end, p.channels);
  });
  return y;
}

template <typename T>
std::tuple<at::Tensor, at::Tensor> backward_loops(const Problem& p, const at::Tensor& grad) {
  auto grad_x = at::empty_like(p.x);
  // A sum for each plane, or a row of sums for each task: the same whichever thread computes it.
  auto sums = at::zeros({p.planes ? p.count / p.channels : p.tasks(), p.channels}, p.weight.options());
  const auto* x = static_cast<const T*>(p.x.data_ptr());
  const auto* weight = p.weight.data_ptr<float>();
  const auto* given = static_cast<const T*>(grad.data_ptr());
  auto* out = static_cast<T*>(grad_x.data_ptr());
  auto* sum = sums.data_ptr<float>();
  deal_ranges(p.count, p.per_task, [&](int64_t begin, int64_t end) {
    if (p.planes) backward_planes(given, x, weight, out, sum, begin, end, p.channels, p.inner);
    else backward_rows(given, x, weight, out, sum + begin / p.per_task * p.channels, begin, end, p.channels);
  });
  return std::make_tuple(grad_x, sums.sum(0, false, at::kDouble));
}

bool has_loops(const at::Tensor& self) {
  return self.device().is_cpu() && self.layout() == at::kStrided &&
         (self.scalar_type() == at::kFloat || self.scalar_type() == at::kBFloat16);
}

void check(const at::Tensor& self, const at::Tensor& weight) {
  TORCH_CHECK(weight.numel() == 1 || (self.dim() > 1 && weight.numel() == self.size(1)), "prelu: ", weight.numel(),
              " slopes do not fit an input of sizes ", self.sizes(), "; it wants one, or one for each channel");
  TORCH_CHECK(self.is_floating_point() && weight.is_floating_point(), "prelu: input and slopes must be floating");
}

// Slopes in the shape that broadcasts over `self`.
at::Tensor broadcast(const at::Tensor& self, const at::Tensor& weight) {
  std::vector<int64_t> shape(self.dim(), 1);
  if (self.dim() > 1) shape[1] = weight.numel();
  return weight.reshape(shape);
}

at::Tensor forward_formula(const at::Tensor& self, const at::Tensor& weight) {
  return at::where(self > 0, self, (self * broadcast(self, weight)).to(self.scalar_type()));
}

std::tuple<at::Tensor, at::Tensor> backward_formula(const at::Tensor& grad, const at::Tensor& self,
                                                    const at::Tensor& weight) {
  const auto positive = self > 0;
  const auto slopes = broadcast(self, weight);
  const auto scaled = (grad * slopes).to(self.scalar_type());
  const auto product = at::where(positive, at::zeros({}, weight.options()), grad.to(weight.scalar_type()) * self);
  return std::make_tuple(at::where(positive, grad, scaled), product.sum_to_size(slopes.sizes()).reshape(weight.sizes()));
}

at::Tensor prelu(const at::Tensor& self, const at::Tensor& weight) {
  check(self, weight);
  if (!has_loops(self)) return forward_formula(self, weight);
  const Problem problem(self, weight);
  return self.scalar_type() == at::kFloat ? forward_loops<float>(problem) : forward_loops<uint16_t>(problem);
}

std::tuple<at::Tensor, at::Tensor> prelu_backward(const at::Tensor& grad, const at::Tensor& self,
                                                  const at::Tensor& weight) {
  check(self, weight);
  TORCH_CHECK(grad.sizes() == self.sizes() && grad.scalar_type() == self.scalar_type(),
              "prelu_backward: the gradient has another shape or dtype than the input");
  if (!has_loops(self)) return backward_formula(grad, self, weight);
  const Problem problem(self, weight);
  const auto given = grad.contiguous(problem.format);
  at::Tensor grad_self, grad_weight;
  std::tie(grad_self, grad_weight) = self.scalar_type() == at::kFloat ? backward_loops<float>(problem, given)
                                                                      : backward_loops<uint16_t>(problem, given);
  if (weight.numel() == 1) grad_weight = grad_weight.sum();
  return std::make_tuple(grad_self, grad_weight.reshape(weight.sizes()).to(weight.scalar_type()));
}

at::Tensor call_prelu(const at::Tensor& self, const at::Tensor& weight) {
  static const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("arcface::prelu", "").typed<decltype(prelu)>();
  return op.call(self, weight);
}

std::tuple<at::Tensor, at::Tensor> call_backward(const at::Tensor& grad, const at::Tensor& self,
                                                 const at::Tensor& weight) {
  static const auto op =
      c10::Dispatcher::singleton().findSchemaOrThrow("arcface::prelu_backward", "").typed<decltype(prelu_backward)>();
  return op.call(grad, self, weight);
}

struct PReLU : torch::autograd::Function<PReLU> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& self, const at::Tensor& weight) {
    at::AutoDispatchBelowADInplaceOrView below;
    context->save_for_backward({self, weight});
    return call_prelu(self, weight);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    at::Tensor grad_self, grad_weight;
    // The gradients of a graph that is differentiated again are made of operators that can be.
    std::tie(grad_self, grad_weight) = at::GradMode::is_enabled() ? backward_formula(grads[0], saved[0], saved[1])
                                                                  : call_backward(grads[0], saved[0], saved[1]);
    return {grad_self, grad_weight};
  }
};

at::Tensor differentiable_prelu(const at::Tensor& self, const at::Tensor& weight) { return PReLU::apply(self, weight); }

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) {
  m.impl("prelu", prelu);
  m.impl("prelu_backward", prelu_backward);
}
TORCH_LIBRARY_IMPL(arcface, Autograd, m) { m.impl("prelu", differentiable_prelu); }

}  // namespace arcface
