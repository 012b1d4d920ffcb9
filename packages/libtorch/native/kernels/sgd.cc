// Gradient norm and stochastic gradient descent over lists of tensors: one pass over memory for each, all tensors in one
// parallel loop. float32 on the CPU, parameter, gradient and momentum laid out alike; every other tensor takes the same
// formula made of ATen's operators. Sums are float64 and do not depend on the number of threads.
#include "loops.h"
#include "parallel.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace arcface {
namespace {

ARCFACE_CLONES double squares(const float* values, int64_t count) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; i++) sum += static_cast<double>(values[i]) * values[i];
  return sum;
}

struct Rule {
  float lr, momentum, decay, scale;
};

// v = momentum v + (scale g + decay w); w -= lr v.
ARCFACE_CLONES void move(float* __restrict w, const float* __restrict g, float* __restrict v, int64_t count,
                         const Rule rule) {
  for (int64_t i = 0; i < count; i++) {
    v[i] = rule.momentum * v[i] + (rule.scale * g[i] + rule.decay * w[i]);
    w[i] -= rule.lr * v[i];
  }
}

ARCFACE_CLONES void move_without_momentum(float* __restrict w, const float* __restrict g, int64_t count,
                                          const Rule rule) {
  for (int64_t i = 0; i < count; i++) w[i] -= rule.lr * (rule.scale * g[i] + rule.decay * w[i]);
}

// A piece of a tensor that one thread goes through; the pieces are the same for any number of threads.
struct Piece {
  size_t tensor;
  int64_t begin, count;
};

constexpr int64_t values_a_piece = 16384;

void cut(std::vector<Piece>& pieces, size_t tensor, int64_t values) {
  for (int64_t begin = 0; begin < values; begin += values_a_piece)
    pieces.push_back({tensor, begin, std::min(values_a_piece, values - begin)});
}

template <typename Work>
void for_each(const std::vector<Piece>& pieces, const Work& work) {
  deal(pieces.size(), [&](int64_t i) { work(i, pieces[i]); });
}

bool has_loops(const at::Tensor& one) {
  return one.device().is_cpu() && one.layout() == at::kStrided && one.scalar_type() == at::kFloat;
}

std::vector<at::Tensor> flat(const std::vector<at::Tensor>& scalars) {
  std::vector<at::Tensor> rows;
  for (const auto& one : scalars) rows.push_back(one.reshape({1}));
  return rows;
}

at::Tensor gradient_norm(at::TensorList grads) {
  std::vector<Piece> pieces;
  std::vector<at::Tensor> dense(grads.size()), others;
  for (size_t i = 0; i < grads.size(); i++) {
    if (!has_loops(grads[i])) {
      others.push_back(grads[i]);
      continue;
    }
    dense[i] = grads[i].is_non_overlapping_and_dense() ? grads[i] : grads[i].contiguous();
    cut(pieces, i, dense[i].numel());
  }
  std::vector<double> sums(pieces.size());
  for_each(pieces, [&](int64_t i, const Piece& piece) {
    sums[i] = squares(dense[piece.tensor].data_ptr<float>() + piece.begin, piece.count);
  });
  double sum = 0;
  for (const double one : sums) sum += one;
  const auto norm = at::scalar_tensor(std::sqrt(sum), at::kDouble);
  if (others.empty()) return norm;
  auto norms = at::_foreach_norm(others, 2);
  for (auto& one : norms)
    if (one.scalar_type() != norms[0].scalar_type()) one = one.to(at::kDouble);
  const auto there = at::linalg_vector_norm(at::cat(flat(norms)).to(at::kDouble), 2);
  return pieces.empty() ? there : at::hypot(there, norm.to(there.device()));
}

// Whether the values of both lie in memory in the same order, without gaps.
bool alike(const at::Tensor& one, const at::Tensor& other) {
  const auto format = one.suggest_memory_format();
  return one.is_contiguous(format) && other.is_contiguous(format);
}

struct Lists {
  std::vector<at::Tensor> params, grads, velocities;
  std::vector<at::Scalar> scales;
};

void sgd_formula(const Lists& lists, double lr, double momentum, double decay) {
  auto moved = at::_foreach_mul(lists.grads, lists.scales);
  if (decay != 0) at::_foreach_add_(moved, lists.params, decay);
  if (!lists.velocities.empty()) {
    at::_foreach_mul_(lists.velocities, momentum);
    at::_foreach_add_(lists.velocities, moved);
    moved = lists.velocities;
  }
  at::_foreach_add_(lists.params, moved, -lr);
}

void sgd_(at::TensorList params, at::TensorList grads, at::TensorList velocities, at::ArrayRef<double> scales, double lr,
          double momentum, double decay) {
  const bool moving = !velocities.empty();
  TORCH_CHECK(grads.size() == params.size() && scales.size() == params.size() &&
                  (!moving || velocities.size() == params.size()),
              "sgd_: a gradient and a scale for each parameter are wanted, and a momentum for each or for none");
  std::vector<Piece> pieces;
  std::vector<at::Tensor> dense(params.size());
  Lists others;
  for (size_t i = 0; i < params.size(); i++) {
    TORCH_CHECK(grads[i].sizes() == params[i].sizes() && (!moving || velocities[i].sizes() == params[i].sizes()),
                "sgd_: parameter ", i, " is ", params[i].sizes(), ", its gradient ", grads[i].sizes());
    params[i].unsafeGetTensorImpl()->bump_version();
    const bool loops = has_loops(params[i]) && has_loops(grads[i]) && alike(params[i], params[i]) &&
                       (!moving || (has_loops(velocities[i]) && alike(params[i], velocities[i])));
    if (loops) {
      dense[i] = grads[i].contiguous(params[i].suggest_memory_format());
      cut(pieces, i, params[i].numel());
      continue;
    }
    others.params.push_back(params[i]);
    others.grads.push_back(grads[i]);
    others.scales.push_back(scales[i]);
    if (moving) others.velocities.push_back(velocities[i]);
  }
  for_each(pieces, [&](int64_t, const Piece& piece) {
    const size_t i = piece.tensor;
    const Rule rule{static_cast<float>(lr), static_cast<float>(momentum), static_cast<float>(decay),
                    static_cast<float>(scales[i])};
    auto* w = params[i].data_ptr<float>() + piece.begin;
    const auto* g = dense[i].data_ptr<float>() + piece.begin;
    if (moving) move(w, g, velocities[i].data_ptr<float>() + piece.begin, piece.count, rule);
    else move_without_momentum(w, g, piece.count, rule);
  });
  if (!others.params.empty()) sgd_formula(others, lr, momentum, decay);
}

// aten::_fused_sgd_ of a newer libtorch, for all tensors in one kernel; none for an older one.
using FusedSgd = void(at::TensorList, at::TensorList, at::TensorList, double, double, const at::Tensor&, double, bool, bool,
                      bool, const c10::optional<at::Tensor>&, const c10::optional<at::Tensor>&);
c10::optional<c10::TypedOperatorHandle<FusedSgd>> fused_sgd() {
  static const auto found = c10::Dispatcher::singleton().findSchema({"aten::_fused_sgd_", "tensor_lr"});
  if (!found) return c10::nullopt;
  return found->typed<FusedSgd>();
}

// One step that never waits for a device: of gradients divided by `divisor`, at a rate that is a tensor, and none at all
// where `skip` is 1 (tensors of one float32).
void guarded_sgd_(at::TensorList params, at::TensorList grads, at::TensorList velocities, const at::Tensor& lr,
                  const at::Tensor& divisor, const at::Tensor& skip, double momentum, double decay) {
  std::vector<at::Tensor> laid_out;
  bool fuses = !params.empty() && (params[0].is_cuda() || params[0].is_cpu());
  for (size_t i = 0; i < params.size(); i++) {
    params[i].unsafeGetTensorImpl()->bump_version();
    fuses = fuses && params[i].scalar_type() == at::kFloat && grads[i].scalar_type() == at::kFloat;
    laid_out.push_back(grads[i].strides() == params[i].strides() ? grads[i] : at::empty_like(params[i]).copy_(grads[i]));
  }
  const auto fused = fused_sgd();
  if (fused && fuses) {
    fused->call(params, laid_out, velocities, decay, momentum, lr, 0, false, false, false, divisor, skip);
    return;
  }
  const auto skipped = skip > 0;
  for (size_t i = 0; i < params.size(); i++) {
    auto moved = grads[i] / divisor + decay * params[i];
    if (!velocities.empty()) {
      moved = momentum * velocities[i] + moved;
      velocities[i].copy_(at::where(skipped, velocities[i], moved));
    }
    params[i].copy_(at::where(skipped, params[i], params[i] - lr * moved));
  }
}

}  // namespace

TORCH_LIBRARY_IMPL(arcface, CompositeExplicitAutograd, m) {
  m.impl("gradient_norm", gradient_norm);
  m.impl("sgd_", sgd_);
  m.impl("guarded_sgd_", guarded_sgd_);
}

}  // namespace arcface
