// A convolution of one pixel with the batch normalisation behind it and what follows that (batch_norm.cc), in training.
//
// Forward takes the statistics from the products while they are in registers. Backward reads x, y and dL/dz in blocks of
// rows that the second cache holds: dL/dy of a block is computed there, multiplied with the weights for dL/dx and with x
// for dL/dweight, and never stored. Rows are cut in pieces that do not depend on the number of threads. float32 and
// bfloat16 on the CPU, channels last, with channels in multiples of 16; everything else takes the same formula made of
// ATen's convolution and `batch_norm`.
#include "again.h"
#include "norm.h"
#include "parallel.h"
#include "products.h"
#include "statistics.h"

#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <memory>
#include <tuple>
#include <vector>

namespace arcface {
namespace {

// Pieces of forward, each with statistics of its own, and of backward, each with a dL/dweight of its own.
constexpr int64_t forward_pieces = 128, forward_rows = 48, backward_pieces = 8;
// Values of dL/dy in a block.
constexpr int64_t values_a_block = 49152;

struct Layer {
  int64_t rows, in, out;
  bool single;
  const Products& products;

  Layer(const at::Tensor& x, const at::Tensor& weight)
      : rows(x.numel() / x.size(1)), in(x.size(1)), out(weight.size(0)), single(x.scalar_type() == at::kFloat),
        products(single ? products_of_floats() : *products_of_bfloat16()) {}

  const char* row(const at::Tensor& of, int64_t at) const {
    return static_cast<const char*>(of.data_ptr()) + at * of.size(1) * of.element_size();
  }
  char* row(at::Tensor& of, int64_t at) const {
    return static_cast<char*>(of.data_ptr()) + at * of.size(1) * of.element_size();
  }
};

// x times the transpose of the weights, and its statistics.
std::tuple<at::Tensor, at::Tensor> forward_products(const at::Tensor& x, const at::Tensor& weight) {
  const Layer layer(x, weight);
  auto y = at::empty({x.size(0), layer.out, x.size(2), x.size(3)}, x.options(), at::MemoryFormat::ChannelsLast);
  const auto floats = at::device(at::kCPU).dtype(at::kFloat);
  auto packed = at::empty({layer.in * layer.out}, floats);
  layer.products.pack(weight.data_ptr<float>(), 1, layer.in, layer.in, layer.out, packed.data_ptr());
  const int64_t pieces = std::min(forward_pieces, (layer.rows + forward_rows - 1) / forward_rows);
  auto stats = at::empty({pieces, statistics_kinds, layer.out}, floats);
  const int64_t most = (layer.rows + pieces - 1) / pieces;
  deal(pieces, [&](int64_t piece) {
    const std::unique_ptr<float[]> scratch(new float[most * layer.in + 3 * layer.out]);
    const int64_t begin = piece * layer.rows / pieces, end = (piece + 1) * layer.rows / pieces;
    layer.products.rows(layer.row(x, begin), end - begin, packed.data_ptr(), layer.in, layer.out, layer.row(y, begin),
                        stats.data_ptr<float>() + piece * statistics_kinds * layer.out, scratch.get());
  });
  return std::make_tuple(y, stats);
}

// dL/dx and dL/dweight, undefined where they are not wanted.
std::tuple<at::Tensor, at::Tensor> backward_products(const at::Tensor& given, const at::Tensor& x,
                                                     const at::Tensor& weight, const at::Tensor& y, const Channel& of,
                                                     const NormGradients& by, bool want_x, bool want_weight) {
  const Layer layer(x, weight);
  const int64_t in = layer.in, out = layer.out;
  const auto floats = at::device(at::kCPU).dtype(at::kFloat);
  at::Tensor grad_x, packed, parts;
  if (want_x) {
    grad_x = at::empty_like(x);
    packed = at::empty({in * out}, floats);
    layer.products.pack(weight.data_ptr<float>(), in, 1, out, in, packed.data_ptr());
  }
  const int64_t pieces = std::min(backward_pieces, layer.rows);
  if (want_weight) parts = at::empty({pieces, out * in}, floats);
  const int64_t most = std::max<int64_t>(1, values_a_block / out);
  deal(pieces, [&](int64_t piece) {
    const std::unique_ptr<float[]> scratch(new float[most * out + (most + 1) * (in + out) + 3 * in]);
    float *grad_y = scratch.get(), *rest = grad_y + most * out;
    const int64_t first = piece * layer.rows / pieces, last = (piece + 1) * layer.rows / pieces;
    const int64_t blocks = (last - first + most - 1) / most;
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t begin = first + block * (last - first) / blocks;
      const int64_t count = first + (block + 1) * (last - first) / blocks - begin;
      pull_back_rows(x.scalar_type(), layer.row(y, begin), layer.row(given, begin), grad_y, count, of, by);
      if (want_x)
        layer.products.rows(grad_y, count, packed.data_ptr(), out, in, layer.row(grad_x, begin), nullptr, rest);
      if (want_weight)
        layer.products.outer(grad_y, layer.row(x, begin), count, out, in, block > 0,
                             parts.data_ptr<float>() + piece * out * in, rest);
    }
  });
  return std::make_tuple(grad_x, want_weight ? parts.sum(0).view(weight.sizes()) : parts);
}

bool has_loops(const at::Tensor& x, const at::Tensor& weight, std::initializer_list<const at::Tensor*> parameters) {
  const bool known = x.scalar_type() == at::kFloat || (x.scalar_type() == at::kBFloat16 && products_of_bfloat16());
  return usual_parameters(parameters) && usual(x) && usual(weight) && known && x.dim() == 4 && x.numel() > 0 && weight.scalar_type() == at::kFloat &&
         weight.is_contiguous() && weight.dim() == 4 && weight.size(2) == 1 && weight.size(3) == 1 &&
         weight.size(1) == x.size(1) && x.size(1) % 16 == 0 && weight.size(0) > 0 && weight.size(0) % 16 == 0 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor formula(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& scale, const at::Tensor& shift,
                   const at::Tensor& running_mean, const at::Tensor& running_var, const Optional& slope,
                   const Optional& residual, double momentum, double eps) {
  return normalized_in_training(at::conv2d(x, weight), scale, shift, running_mean, running_var, slope, residual, momentum,
                                eps);
}

void check(const at::Tensor& x, const at::Tensor& weight, const Optional& residual) {
  TORCH_CHECK(!residual || (residual->dim() == 4 && residual->size(0) == x.size(0) &&
                            residual->size(1) == weight.size(0) && residual->size(2) == x.size(2) &&
                            residual->size(3) == x.size(3)),
              "pointwise_norm: a residual of other sizes than the output's");
}

struct PointwiseNorm : torch::autograd::Function<PointwiseNorm> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& scale, const at::Tensor& shift, const Optional& slope,
                            const Optional& residual, const at::Tensor& running_mean, const at::Tensor& running_var,
                            double momentum, double eps) {
    at::AutoDispatchBelowADInplaceOrView below;
    at::Tensor y, stats, mean, inverse;
    std::tie(y, stats) = forward_products(x, weight);
    std::tie(mean, inverse) = together(stats, running_mean, running_var, momentum, eps);
    Optional added = residual;
    if (added) added = residual->to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    context->save_for_backward({x, weight, scale, shift, slope ? *slope : at::Tensor(), y, mean, inverse});
    context->saved_data["eps"] = eps;
    context->saved_data["residual"] = residual.has_value();
    return normalized(y, channel(mean, inverse, scale, shift, slope), added);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    RECORD_FUNCTION("arcface::pointwise_norm_backward", std::vector<c10::IValue>({grads[0]}));
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &weight = saved[1], &scale = saved[2], &shift = saved[3], &y = saved[5];
    const auto &mean = saved[6], &inverse = saved[7];
    const Optional slope = saved[4].defined() ? Optional(saved[4]) : Optional();
    torch::autograd::variable_list result(10);
    if (context->saved_data["residual"].toBool()) result[5] = grads[0];
    // The gradients of a graph that is differentiated again are made of operators that can be.
    if (at::GradMode::is_enabled()) {
      const auto z = formula(x, weight.to(x.scalar_type()), scale, shift, mean.clone(), mean.clone(), slope, {}, 0,
                             context->saved_data["eps"].toDouble());
      const auto found = gradients_again(z, {x, weight, scale, shift, saved[4]}, grads[0]);
      std::copy(found.begin(), found.end(), result.begin());
      return result;
    }
    const auto of = channel(mean, inverse, scale, shift, slope);
    const auto given = grads[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const auto by = gradients_of(given, y, of, inverse, true);
    std::tie(result[0], result[1]) =
        backward_products(given, x, weight, y, of, by, x.requires_grad(), weight.requires_grad());
    result[2] = by.weight;
    result[3] = by.bias;
    if (slope) result[4] = slope_gradient(by.slope, *slope);
    return result;
  }
};

at::Tensor pointwise_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& scale,
                          const at::Tensor& shift, at::Tensor running_mean, at::Tensor running_var,
                          const Optional& slope, const Optional& residual, double momentum, double eps) {
  if (!has_loops(x, weight, {&scale, &shift, &running_mean, &running_var}))
    return formula(x, weight, scale, shift, running_mean, running_var, slope, residual, momentum, eps);
  check_layer("pointwise_norm", weight, {&scale, &shift, &running_mean, &running_var}, slope);
  check(x, weight, residual);
  return PointwiseNorm::apply(x, weight, scale, shift, slope, residual, running_mean, running_var, momentum, eps);
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeImplicitAutograd, m) { m.impl("pointwise_norm", pointwise_norm); }

}  // namespace arcface
