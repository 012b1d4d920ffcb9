// The operators of our own. Each has its kernels and its autograd formula in a file beside this one.
#include <torch/library.h>

TORCH_LIBRARY(arcface, m) {
  m.def("prelu(Tensor self, Tensor weight) -> Tensor");
  m.def("prelu_backward(Tensor grad, Tensor self, Tensor weight) -> (Tensor, Tensor)");
}
