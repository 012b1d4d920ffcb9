// Gradients of a graph that is differentiated again: made of operators that have derivatives themselves.
#pragma once

#include <torch/csrc/autograd/autograd.h>

#include <vector>

namespace arcface {

// Of `y`, which was computed from `inputs` under GradMode, given dL/dy; undefined for inputs that want none.
inline std::vector<at::Tensor> gradients_again(const at::Tensor& y, const std::vector<at::Tensor>& inputs,
                                               const at::Tensor& given) {
  torch::autograd::variable_list wanted;
  for (const auto& one : inputs)
    if (one.defined() && one.requires_grad()) wanted.push_back(one);
  const auto found = torch::autograd::grad({y}, wanted, {given}, true, true, true);
  std::vector<at::Tensor> result;
  size_t next = 0;
  for (const auto& one : inputs) result.push_back(one.defined() && one.requires_grad() ? found[next++] : at::Tensor());
  return result;
}

}  // namespace arcface
