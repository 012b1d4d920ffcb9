// Both passes over very many classes in ATen's operators, a block of classes at a time: what runs on other devices and for
// other dtypes than the loops of class_softmax.cc and class_descent.cc, and does the same. Nothing waits for a device.
#pragma once

#include <ATen/ATen.h>

#include <limits>
#include <tuple>

namespace arcface {
namespace {

// What both passes go through.
struct Classes {
  const at::Tensor& weight;
  const c10::optional<at::Tensor>& sample;
  const int64_t per_class, block, dim, count;
  const at::ScalarType products;  // of embeddings and centres
  const at::Tensor column;        // of a sample's own class among those in use, -1 for none, [N, 1]

  Classes(const at::Tensor& x, const at::Tensor& centres, const at::Tensor& own, const c10::optional<at::Tensor>& chosen,
          int64_t k, int64_t block_classes, bool bf16)
      : weight(centres),
        sample(chosen),
        per_class(k),
        block(block_classes),
        dim(x.size(1)),
        count(chosen ? chosen->size(0) : centres.size(0) / k),
        products(bf16 ? at::kBFloat16 : x.scalar_type()),
        column((chosen ? at::where(own < 0, own, at::searchsorted(*chosen, own)) : own).unsqueeze(1)) {}

  int64_t width(int64_t first) const { return std::min(block, count - first); }

  // Rows of the centres of a block; of all classes a view, of a sample a copy, with the places of the rows.
  at::Tensor places(int64_t first) const {
    const auto classes = sample->narrow(0, first, width(first)).unsqueeze(1) * per_class;
    return (classes + at::arange(per_class, classes.options())).flatten();
  }
  at::Tensor rows(const at::Tensor& of, int64_t first) const {
    if (sample) return of.index_select(0, places(first));
    return of.narrow(0, first * per_class, width(first) * per_class);
  }

  at::Tensor product(const at::Tensor& a, const at::Tensor& b) const {
    return at::mm(a.to(products), b.to(products)).to(weight.scalar_type());
  }

  // [N, width]: which class of the block is a sample's own.
  at::Tensor own_mask(int64_t first) const { return column == at::arange(first, first + width(first), column.options()); }

  // Cosines [N, width, per_class] as those of the nearest centre of each class, and which it is [N, width, 1].
  std::tuple<at::Tensor, at::Tensor> nearest(const at::Tensor& cosines) const {
    if (per_class == 1) return std::make_tuple(cosines, at::Tensor());
    const auto each = cosines.view({cosines.size(0), -1, per_class});
    const auto found = each.max(2, true);
    return std::make_tuple(std::get<0>(found).squeeze(2), std::get<1>(found));
  }

  // Values of the nearest centres [N, width] at their places among all [N, width x per_class], 0 elsewhere.
  at::Tensor spread(const at::Tensor& values, const at::Tensor& which) const {
    if (per_class == 1) return values;
    const int64_t samples = values.size(0);
    return at::zeros({samples, values.size(1), per_class}, values.options())
        .scatter(2, which, values.unsqueeze(2))
        .view({samples, -1});
  }
};

// Rows at unit length, one over the length, and whether they are that long, as `normalize` of class_blocks.h.
inline std::tuple<at::Tensor, at::Tensor, at::Tensor> directions(const at::Tensor& rows) {
  const auto size = rows.abs().amax({1}, true).clamp_min(1e-12);
  const auto scaled = rows / size;
  const auto length = at::linalg_vector_norm(scaled, 2, at::IntArrayRef{1}, true);
  const auto divisor = length.clamp_min(0.5);
  return std::make_tuple(scaled / divisor, size.reciprocal() / divisor, length >= 0.5);
}

inline std::tuple<at::Tensor, at::Tensor, at::Tensor> softmax_formula(const at::Tensor& x, const Classes& classes,
                                                                      double scale, double filter) {
  const int64_t samples = x.size(0);
  constexpr double nothing_yet = -std::numeric_limits<double>::infinity();
  auto most = at::full({samples}, nothing_yet, x.options());
  auto sum = at::zeros({samples}, x.options().dtype(at::kDouble));
  auto pull = at::zeros({samples, classes.dim}, x.options());
  for (int64_t first = 0; first < classes.count; first += classes.block) {
    const auto unit = std::get<0>(directions(classes.rows(classes.weight, first)));
    at::Tensor cosine, which;
    std::tie(cosine, which) = classes.nearest(classes.product(x, unit.t()));
    const auto twin = cosine > filter;
    const auto logit =
        cosine.masked_fill(twin, 0).mul_(scale).masked_fill_(classes.own_mask(first), nothing_yet);
    const auto top = at::maximum(most, logit.amax({1}));
    const auto shift = top.masked_fill(top == nothing_yet, 0);
    const auto shrink = (most - shift).exp_();
    auto power = logit.sub_(shift.unsqueeze(1)).exp_();
    sum = sum * shrink + power.sum(1, false, at::kDouble);
    power.masked_fill_(twin, 0);
    pull = pull * shrink.unsqueeze(1) + classes.product(classes.spread(power, which), unit);
    most = top;
  }
  return std::make_tuple(most, sum, pull);
}

struct Descent {
  const at::Tensor &own_slope, &log_sum;  // [N]
  double scale, filter, factor, lr, momentum, decay;
};

inline void descent_formula(const at::Tensor& velocity, const at::Tensor& x, const Classes& classes, const Descent& by,
                            const at::Tensor& skip) {
  const auto& weight = classes.weight;
  for (int64_t first = 0; first < classes.count; first += classes.block) {
    auto rows = classes.rows(weight, first);
    at::Tensor unit, inverse, full, cosine, which;
    std::tie(unit, inverse, full) = directions(rows);
    const auto all = classes.product(x, unit.t());
    std::tie(cosine, which) = classes.nearest(all);
    auto slope = (cosine * by.scale - by.log_sum.unsqueeze(1)).exp_().mul_(by.factor).masked_fill_(cosine > by.filter, 0);
    slope = at::where(classes.own_mask(first), by.own_slope.unsqueeze(1), slope);
    const auto share = classes.spread(slope, which);
    const auto along = (share * all).sum(0).unsqueeze(1).masked_fill(full.logical_not(), 0);
    auto moved = (classes.product(share.t(), x) - along * inverse * rows) * inverse + by.decay * rows;
    if (velocity.defined()) {
      const auto before = classes.rows(velocity, first);
      moved = before * by.momentum + moved;
      const auto kept = skip.defined() ? at::where(skip, before, moved) : moved;
      if (classes.sample) velocity.index_copy_(0, classes.places(first), kept);
      else before.copy_(kept);
    }
    auto after = rows - by.lr * moved;
    if (skip.defined()) after = at::where(skip, rows, after);
    if (classes.sample) weight.index_copy_(0, classes.places(first), after);
    else rows.copy_(after);
  }
}

}  // namespace
}  // namespace arcface
