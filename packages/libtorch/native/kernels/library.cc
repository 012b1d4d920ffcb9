// The operators of our own. Each has its kernels and its autograd formula in a file beside this one.
#include <torch/library.h>

TORCH_LIBRARY(arcface, m) {
  m.def("prelu(Tensor self, Tensor weight) -> Tensor");
  m.def("prelu_backward(Tensor grad, Tensor self, Tensor weight) -> (Tensor, Tensor)");
  m.def("batch_norm(Tensor x, Tensor weight, Tensor bias, Tensor(a!) running_mean, Tensor(b!) running_var, Tensor? slope, "
        "Tensor? residual, bool training, float momentum, float eps, Tensor? stats=None) -> Tensor");
  m.def("conv2d_3x3(Tensor x, Tensor weight) -> Tensor");
  m.def("grouped_conv2d(Tensor x, Tensor weight, int stride, int padding, int groups) -> Tensor");
  m.def("grouped_norm(Tensor x, Tensor weight, Tensor scale, Tensor shift, Tensor(a!) running_mean, "
        "Tensor(b!) running_var, Tensor? slope, int stride, int padding, int groups, float momentum, float eps) -> Tensor");
  m.def("pointwise_norm(Tensor x, Tensor weight, Tensor scale, Tensor shift, Tensor(a!) running_mean, "
        "Tensor(b!) running_var, Tensor? slope, Tensor? residual, float momentum, float eps) -> Tensor");
  m.def("class_softmax(Tensor x, Tensor weight, Tensor own, Tensor? sample, float scale, float filter, int per_class, "
        "int block, bool bf16) -> (Tensor, Tensor, Tensor)");
  m.def("class_descent_(Tensor(a!) weight, Tensor(b!)? velocity, Tensor x, Tensor own, Tensor own_slope, Tensor log_sum, "
        "Tensor? sample, float scale, float filter, int per_class, int block, float factor, float lr, float momentum, "
        "float decay, bool bf16, Tensor? skip=None) -> ()");
  m.def("gradient_norm(Tensor[] grads) -> Tensor");
  m.def("sgd_(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] velocities, float[] scales, float lr, float momentum, "
        "float decay) -> ()");
  m.def("guarded_sgd_(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] velocities, Tensor lr, Tensor divisor, "
        "Tensor skip, float momentum, float decay) -> ()");
}
