// Batch normalisation (Ioffe & Szegedy 2015) with what follows it: PReLU with slopes a channel or one for all, then the
// sum with a residual; each of the two may be missing.
//
// A training step spends its time beside the convolutions on moving activations through memory. libtorch 1.13 reads them
// twice for the statistics, and writes and reads them once more for the activation and for the sum, and all of that again
// on the way back. Here (the loops are in norm.cc) forward reads the input twice (once where `stats` come with it, from the
// kernel that made it) and writes once, backward reads input and gradient twice and writes once, and of the activations only
// the input is kept. float32 and bfloat16 on the CPU, channels last or [N, C], with float32 parameters; sums are float32
// within 16,384 values and float64 beyond, in an order that does not depend on the number of threads. Everything else takes
// the same formula made of ATen's operators.
#include "again.h"
#include "norm.h"
#include "statistics.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <tuple>
#include <vector>

namespace arcface {
namespace {

// The layer made of other operators, each with its own gradient.
at::Tensor formula(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const Optional& running_mean,
                   const Optional& running_var, const Optional& slope, const Optional& residual, bool training,
                   double momentum, double eps) {
  static const auto prelu = c10::Dispatcher::singleton()
                                .findSchemaOrThrow("arcface::prelu", "")
                                .typed<at::Tensor(const at::Tensor&, const at::Tensor&)>();
  auto y = at::batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps, true);
  if (slope) y = prelu.call(y, *slope);
  return residual ? y + *residual : y;
}

at::MemoryFormat format_of(const at::Tensor& x) {
  return x.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

bool has_loops(const at::Tensor& x, std::initializer_list<const at::Tensor*> parameters) {
  return usual_parameters(parameters) && usual(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && x.numel() > 0 &&
         (x.dim() == 2 || x.dim() == 4) && x.is_contiguous(format_of(x));
}

void check(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const at::Tensor& running_mean,
           const at::Tensor& running_var, const Optional& slope, const Optional& residual, const Optional& stats) {
  TORCH_CHECK(x.dim() >= 2, "batch_norm: an input of sizes ", x.sizes(), " has no channels");
  for (const auto* one : {&weight, &bias, &running_mean, &running_var})
    TORCH_CHECK(one->dim() == 1 && one->size(0) == x.size(1), "batch_norm: parameters and statistics of sizes ",
                one->sizes(), " do not fit an input of sizes ", x.sizes(), "; it wants one value for each channel");
  TORCH_CHECK(!slope || slope->numel() == 1 || slope->numel() == x.size(1), "batch_norm: ",
              slope ? slope->numel() : 0, " slopes do not fit an input of sizes ", x.sizes());
  TORCH_CHECK(!residual || residual->sizes() == x.sizes(), "batch_norm: a residual of other sizes than the input's, ",
              x.sizes());
  TORCH_CHECK(!stats || (stats->dim() == 3 && stats->size(0) > 0 && stats->size(1) == statistics_kinds &&
                         stats->size(2) == x.size(1) && stats->scalar_type() == at::kFloat && stats->is_contiguous() &&
                         stats->device() == x.device()),
              "batch_norm: statistics that do not fit an input of sizes ", x.sizes(),
              "; it wants float32 [parts, 3, channels]");
}

Optional as_is_usual(const Optional& residual, const at::Tensor& x) {
  if (!residual) return residual;
  return residual->to(x.scalar_type()).contiguous(format_of(x));
}

struct Normalized {
  at::Tensor y, mean, inverse;
};

Normalized forward_loops(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                         const at::Tensor& running_mean, const at::Tensor& running_var, const Optional& slope,
                         const Optional& residual, bool training, double momentum, double eps, const Optional& stats) {
  Normalized out;
  if (training) {
    std::tie(out.mean, out.inverse) = together(stats ? *stats : statistics_of(x), running_mean, running_var, momentum, eps);
  } else {
    out.mean = running_mean.clone();
    out.inverse = (running_var.to(at::kDouble) + eps).rsqrt().to(at::kFloat);
  }
  const auto of = channel(out.mean, out.inverse, weight, bias, slope);
  const auto added = as_is_usual(residual, x);
  out.y = normalized(x, of, added);
  return out;
}

at::Tensor batch_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, at::Tensor running_mean,
                      at::Tensor running_var, const Optional& slope, const Optional& residual, bool training,
                      double momentum, double eps, const Optional& stats) {
  check(x, weight, bias, running_mean, running_var, slope, residual, stats);
  if (!has_loops(x, {&weight, &bias, &running_mean, &running_var}))
    return formula(x, weight, bias, running_mean, running_var, slope, residual, training, momentum, eps);
  return forward_loops(x, weight, bias, running_mean, running_var, slope, residual, training, momentum, eps, stats).y;
}

struct BatchNorm : torch::autograd::Function<BatchNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const Optional& slope, const Optional& residual,
                            const at::Tensor& running_mean, const at::Tensor& running_var, bool training,
                            double momentum, double eps, const Optional& stats) {
    at::AutoDispatchBelowADInplaceOrView below;
    auto out = forward_loops(x, weight, bias, running_mean, running_var, slope, residual, training, momentum, eps, stats);
    context->save_for_backward({x, weight, bias, slope ? *slope : at::Tensor(), out.mean, out.inverse});
    context->saved_data["training"] = training;
    context->saved_data["eps"] = eps;
    context->saved_data["residual"] = residual.has_value();
    return out.y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    RECORD_FUNCTION("arcface::batch_norm_backward", std::vector<c10::IValue>({grads[0]}));
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[4], &inverse = saved[5];
    const Optional slope = saved[3].defined() ? Optional(saved[3]) : Optional();
    const bool training = context->saved_data["training"].toBool();
    torch::autograd::variable_list result(11);
    if (context->saved_data["residual"].toBool()) result[4] = grads[0];
    // The gradients of a graph that is differentiated again are made of operators that can be.
    if (at::GradMode::is_enabled()) {
      const double eps = context->saved_data["eps"].toDouble();
      const auto variance = inverse.to(at::kDouble).pow(-2).sub(eps).to(at::kFloat);
      const auto y = formula(x, weight, bias, training ? Optional() : Optional(mean),
                             training ? Optional() : Optional(variance), slope, {}, training, 0, eps);
      const auto found = gradients_again(y, {x, weight, bias, saved[3]}, grads[0]);
      std::copy(found.begin(), found.end(), result.begin());
      return result;
    }
    const auto of = channel(mean, inverse, weight, bias, slope);
    const auto given = grads[0].to(x.scalar_type()).contiguous(format_of(x));
    const auto by = gradients_of(given, x, of, inverse, training);
    result[0] = pull_back_all(given, x, of, by);
    result[1] = by.weight;
    result[2] = by.bias;
    if (slope) result[3] = slope_gradient(by.slope, *slope);
    return result;
  }
};

at::Tensor differentiable(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, at::Tensor running_mean,
                          at::Tensor running_var, const Optional& slope, const Optional& residual, bool training,
                          double momentum, double eps, const Optional& stats) {
  check(x, weight, bias, running_mean, running_var, slope, residual, stats);
  if (!has_loops(x, {&weight, &bias, &running_mean, &running_var}))
    return formula(x, weight, bias, running_mean, running_var, slope, residual, training, momentum, eps);
  return BatchNorm::apply(x, weight, bias, slope, residual, running_mean, running_var, training, momentum, eps, stats);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) { m.impl("batch_norm", batch_norm); }
TORCH_LIBRARY_IMPL(arcface, Autograd, m) { m.impl("batch_norm", differentiable); }

}  // namespace arcface
