// Debian's libtorch-dev ships c10d's reducer.hpp without this header of PyTorch's, of which it needs two names only: a
// pointer to a context of RPC, which nobody here sets, and the type of a callback. Used only where the real header is
// missing.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace torch {
namespace distributed {
namespace autograd {
class DistAutogradContext {
 public:
  using GradCallback = std::function<bool(at::Tensor&)>;
};
using ContextPtr = std::shared_ptr<DistAutogradContext>;
}  // namespace autograd
}  // namespace distributed
}  // namespace torch
