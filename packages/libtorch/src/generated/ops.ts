// Generated from the schemas of libtorch 1.13.0 by "npm run generate -w @arcface/libtorch". Do not edit.
import type { DType, MemoryFormat } from '../dtype.js'
import type { Raw } from '../native.js'
import { invoke, operator } from '../operator.js'
import type { Generator } from '../random.js'
import { type Tensor, wrap, wrapAll } from '../tensor.js'

const o_abs = operator('aten::abs')
/** `aten::abs(Tensor self) -> Tensor` */
export function abs(self: Tensor): Tensor {
  return wrap(invoke(o_abs, self.handle))
}

const o_acos = operator('aten::acos')
/** `aten::acos(Tensor self) -> Tensor` */
export function acos(self: Tensor): Tensor {
  return wrap(invoke(o_acos, self.handle))
}

const o_adaptiveAvgPool2d = operator('aten::adaptive_avg_pool2d')
/** `aten::adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor` */
export function adaptiveAvgPool2d(self: Tensor, outputSize: number | readonly number[]): Tensor {
  return wrap(invoke(o_adaptiveAvgPool2d, self.handle, outputSize as Raw))
}

const o_add = operator('aten::add.Tensor')
/** `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor` */
export function add(self: Tensor, other: Tensor | number, alpha?: number | boolean): Tensor {
  return wrap(invoke(o_add, self.handle, typeof other === 'number' ? other : other.handle, alpha))
}

const o_add_ = operator('aten::add_.Tensor')
/** `aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!)` */
export function add_(self: Tensor, other: Tensor | number, alpha?: number | boolean): Tensor {
  invoke(o_add_, self.handle, typeof other === 'number' ? other : other.handle, alpha)
  return self
}

const o_addcdiv_ = operator('aten::addcdiv_')
/** `aten::addcdiv_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!)` */
export function addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, value?: number | boolean): Tensor {
  invoke(o_addcdiv_, self.handle, tensor1.handle, tensor2.handle, value)
  return self
}

const o_addcmul_ = operator('aten::addcmul_')
/** `aten::addcmul_(Tensor(a!) self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor(a!)` */
export function addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, value?: number | boolean): Tensor {
  invoke(o_addcmul_, self.handle, tensor1.handle, tensor2.handle, value)
  return self
}

const o_addmm = operator('aten::addmm')
/** `aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor` */
export function addmm(self: Tensor, mat1: Tensor, mat2: Tensor, beta?: number | boolean, alpha?: number | boolean): Tensor {
  return wrap(invoke(o_addmm, self.handle, mat1.handle, mat2.handle, beta, alpha))
}

const o_all = operator('aten::all')
/** `aten::all(Tensor self) -> Tensor` */
export function all(self: Tensor): Tensor {
  return wrap(invoke(o_all, self.handle))
}

const o_any = operator('aten::any')
/** `aten::any(Tensor self) -> Tensor` */
export function any(self: Tensor): Tensor {
  return wrap(invoke(o_any, self.handle))
}

const o_arange = operator('aten::arange.start_step')
/** `aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function arange(start: number | boolean, end: number | boolean, step?: number | boolean, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_arange, start, end, step, dtype, layout, device, pinMemory))
}

const o_argmax = operator('aten::argmax')
/** `aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor` */
export function argmax(self: Tensor, dim?: number | null, keepdim?: boolean): Tensor {
  return wrap(invoke(o_argmax, self.handle, dim, keepdim))
}

const o_avgPool2d = operator('aten::avg_pool2d')
/** `aten::avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor` */
export function avgPool2d(self: Tensor, kernelSize: number | readonly number[], stride?: number | readonly number[], padding?: number | readonly number[], ceilMode?: boolean, countIncludePad?: boolean, divisorOverride?: number | null): Tensor {
  return wrap(invoke(o_avgPool2d, self.handle, kernelSize as Raw, stride as Raw, padding as Raw, ceilMode, countIncludePad, divisorOverride))
}

const o_batchNorm = operator('aten::batch_norm')
/** `aten::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor` */
export function batchNorm(input: Tensor, weight: Tensor | null, bias: Tensor | null, runningMean: Tensor | null, runningVar: Tensor | null, training: boolean, momentum: number, eps: number, cudnnEnabled: boolean): Tensor {
  return wrap(invoke(o_batchNorm, input.handle, weight ? weight.handle : weight, bias ? bias.handle : bias, runningMean ? runningMean.handle : runningMean, runningVar ? runningVar.handle : runningVar, training, momentum, eps, cudnnEnabled))
}

const o_bernoulli_ = operator('aten::bernoulli_.float')
/** `aten::bernoulli_.float(Tensor(a!) self, float p=0.5, *, Generator? generator=None) -> Tensor(a!)` */
export function bernoulli_(self: Tensor, p?: number, generator?: Generator | null): Tensor {
  invoke(o_bernoulli_, self.handle, p, generator?.handle)
  return self
}

const o_bmm = operator('aten::bmm')
/** `aten::bmm(Tensor self, Tensor mat2) -> Tensor` */
export function bmm(self: Tensor, mat2: Tensor): Tensor {
  return wrap(invoke(o_bmm, self.handle, mat2.handle))
}

const o_cat = operator('aten::cat')
/** `aten::cat(Tensor[] tensors, int dim=0) -> Tensor` */
export function cat(tensors: readonly Tensor[], dim?: number): Tensor {
  return wrap(invoke(o_cat, tensors.map((one) => one.handle), dim))
}

const o_clamp = operator('aten::clamp')
/** `aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor` */
export function clamp(self: Tensor, min?: number | boolean | null, max?: number | boolean | null): Tensor {
  return wrap(invoke(o_clamp, self.handle, min, max))
}

const o_clamp_ = operator('aten::clamp_')
/** `aten::clamp_(Tensor(a!) self, Scalar? min=None, Scalar? max=None) -> Tensor(a!)` */
export function clamp_(self: Tensor, min?: number | boolean | null, max?: number | boolean | null): Tensor {
  invoke(o_clamp_, self.handle, min, max)
  return self
}

const o_clone = operator('aten::clone')
/** `aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor` */
export function clone(self: Tensor, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_clone, self.handle, memoryFormat))
}

const o_contiguous = operator('aten::contiguous')
/** `aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=0) -> Tensor(a)` */
export function contiguous(self: Tensor, memoryFormat?: MemoryFormat): Tensor {
  return wrap(invoke(o_contiguous, self.handle, memoryFormat))
}

const o_conv2d = operator('aten::conv2d')
/** `aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor` */
export function conv2d(input: Tensor, weight: Tensor, bias?: Tensor | null, stride?: number | readonly number[], padding?: number | readonly number[], dilation?: number | readonly number[], groups?: number): Tensor {
  return wrap(invoke(o_conv2d, input.handle, weight.handle, bias ? bias.handle : bias, stride as Raw, padding as Raw, dilation as Raw, groups))
}

const o_copy_ = operator('aten::copy_')
/** `aten::copy_(Tensor(a!) self, Tensor src, bool non_blocking=False) -> Tensor(a!)` */
export function copy_(self: Tensor, src: Tensor, nonBlocking?: boolean): Tensor {
  invoke(o_copy_, self.handle, src.handle, nonBlocking)
  return self
}

const o_cos = operator('aten::cos')
/** `aten::cos(Tensor self) -> Tensor` */
export function cos(self: Tensor): Tensor {
  return wrap(invoke(o_cos, self.handle))
}

const o_crossEntropyLoss = operator('aten::cross_entropy_loss')
/** `aten::cross_entropy_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100, float label_smoothing=0.) -> Tensor` */
export function crossEntropyLoss(self: Tensor, target: Tensor, weight?: Tensor | null, reduction?: number, ignoreIndex?: number, labelSmoothing?: number): Tensor {
  return wrap(invoke(o_crossEntropyLoss, self.handle, target.handle, weight ? weight.handle : weight, reduction, ignoreIndex, labelSmoothing))
}

const o_cumsum = operator('aten::cumsum')
/** `aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor` */
export function cumsum(self: Tensor, dim: number, dtype?: DType | null): Tensor {
  return wrap(invoke(o_cumsum, self.handle, dim, dtype))
}

const o_div = operator('aten::div.Tensor')
/** `aten::div.Tensor(Tensor self, Tensor other) -> Tensor` */
export function div(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_div, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_div_ = operator('aten::div_.Tensor')
/** `aten::div_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)` */
export function div_(self: Tensor, other: Tensor | number): Tensor {
  invoke(o_div_, self.handle, typeof other === 'number' ? other : other.handle)
  return self
}

const o_dropout = operator('aten::dropout')
/** `aten::dropout(Tensor input, float p, bool train) -> Tensor` */
export function dropout(input: Tensor, p: number, train: boolean): Tensor {
  return wrap(invoke(o_dropout, input.handle, p, train))
}

const o_empty = operator('aten::empty.memory_format')
/** `aten::empty.memory_format(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor` */
export function empty(size: readonly number[], dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_empty, size as Raw, dtype, layout, device, pinMemory, memoryFormat))
}

const o_emptyLike = operator('aten::empty_like')
/** `aten::empty_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor` */
export function emptyLike(self: Tensor, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_emptyLike, self.handle, dtype, layout, device, pinMemory, memoryFormat))
}

const o_eq = operator('aten::eq.Tensor')
/** `aten::eq.Tensor(Tensor self, Tensor other) -> Tensor` */
export function eq(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_eq, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_exp = operator('aten::exp')
/** `aten::exp(Tensor self) -> Tensor` */
export function exp(self: Tensor): Tensor {
  return wrap(invoke(o_exp, self.handle))
}

const o_expand = operator('aten::expand')
/** `aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)` */
export function expand(self: Tensor, size: readonly number[], implicit?: boolean): Tensor {
  return wrap(invoke(o_expand, self.handle, size as Raw, implicit))
}

const o_eye = operator('aten::eye')
/** `aten::eye(int n, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function eye(n: number, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_eye, n, dtype, layout, device, pinMemory))
}

const o_fill_ = operator('aten::fill_.Scalar')
/** `aten::fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!)` */
export function fill_(self: Tensor, value: number | boolean): Tensor {
  invoke(o_fill_, self.handle, value)
  return self
}

const o_flatten = operator('aten::flatten.using_ints')
/** `aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)` */
export function flatten(self: Tensor, startDim?: number, endDim?: number): Tensor {
  return wrap(invoke(o_flatten, self.handle, startDim, endDim))
}

const o_full = operator('aten::full')
/** `aten::full(SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function full(size: readonly number[], fillValue: number | boolean, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_full, size as Raw, fillValue, dtype, layout, device, pinMemory))
}

const o_gather = operator('aten::gather')
/** `aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor` */
export function gather(self: Tensor, dim: number, index: Tensor, sparseGrad?: boolean): Tensor {
  return wrap(invoke(o_gather, self.handle, dim, index.handle, sparseGrad))
}

const o_ge = operator('aten::ge.Tensor')
/** `aten::ge.Tensor(Tensor self, Tensor other) -> Tensor` */
export function ge(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_ge, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_gt = operator('aten::gt.Tensor')
/** `aten::gt.Tensor(Tensor self, Tensor other) -> Tensor` */
export function gt(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_gt, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_indexAdd_ = operator('aten::index_add_')
/** `aten::index_add_(Tensor(a!) self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor(a!)` */
export function indexAdd_(self: Tensor, dim: number, index: Tensor, source: Tensor, alpha?: number | boolean): Tensor {
  invoke(o_indexAdd_, self.handle, dim, index.handle, source.handle, alpha)
  return self
}

const o_indexSelect = operator('aten::index_select')
/** `aten::index_select(Tensor self, int dim, Tensor index) -> Tensor` */
export function indexSelect(self: Tensor, dim: number, index: Tensor): Tensor {
  return wrap(invoke(o_indexSelect, self.handle, dim, index.handle))
}

const o_isfinite = operator('aten::isfinite')
/** `aten::isfinite(Tensor self) -> Tensor` */
export function isfinite(self: Tensor): Tensor {
  return wrap(invoke(o_isfinite, self.handle))
}

const o_le = operator('aten::le.Tensor')
/** `aten::le.Tensor(Tensor self, Tensor other) -> Tensor` */
export function le(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_le, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_leakyRelu = operator('aten::leaky_relu')
/** `aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor` */
export function leakyRelu(self: Tensor, negativeSlope?: number | boolean): Tensor {
  return wrap(invoke(o_leakyRelu, self.handle, negativeSlope))
}

const o_linalgVectorNorm = operator('aten::linalg_vector_norm')
/** `aten::linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor` */
export function linalgVectorNorm(self: Tensor, ord?: number | boolean, dim?: number | readonly number[] | null, keepdim?: boolean, dtype?: DType | null): Tensor {
  return wrap(invoke(o_linalgVectorNorm, self.handle, ord, dim as Raw, keepdim, dtype))
}

const o_linear = operator('aten::linear')
/** `aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor` */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  return wrap(invoke(o_linear, input.handle, weight.handle, bias ? bias.handle : bias))
}

const o_log = operator('aten::log')
/** `aten::log(Tensor self) -> Tensor` */
export function log(self: Tensor): Tensor {
  return wrap(invoke(o_log, self.handle))
}

const o_logSoftmax = operator('aten::log_softmax.int')
/** `aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor` */
export function logSoftmax(self: Tensor, dim: number, dtype?: DType | null): Tensor {
  return wrap(invoke(o_logSoftmax, self.handle, dim, dtype))
}

const o_logicalAnd = operator('aten::logical_and')
/** `aten::logical_and(Tensor self, Tensor other) -> Tensor` */
export function logicalAnd(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_logicalAnd, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_logicalNot = operator('aten::logical_not')
/** `aten::logical_not(Tensor self) -> Tensor` */
export function logicalNot(self: Tensor): Tensor {
  return wrap(invoke(o_logicalNot, self.handle))
}

const o_logicalOr = operator('aten::logical_or')
/** `aten::logical_or(Tensor self, Tensor other) -> Tensor` */
export function logicalOr(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_logicalOr, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_logsumexp = operator('aten::logsumexp')
/** `aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor` */
export function logsumexp(self: Tensor, dim: number | readonly number[], keepdim?: boolean): Tensor {
  return wrap(invoke(o_logsumexp, self.handle, dim as Raw, keepdim))
}

const o_lt = operator('aten::lt.Tensor')
/** `aten::lt.Tensor(Tensor self, Tensor other) -> Tensor` */
export function lt(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_lt, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_matmul = operator('aten::matmul')
/** `aten::matmul(Tensor self, Tensor other) -> Tensor` */
export function matmul(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_matmul, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_max = operator('aten::max')
/** `aten::max(Tensor self) -> Tensor` */
export function max(self: Tensor): Tensor {
  return wrap(invoke(o_max, self.handle))
}

const o_maxDim = operator('aten::max.dim')
/** `aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)` */
export function maxDim(self: Tensor, dim: number, keepdim?: boolean): [Tensor, Tensor] {
  return ((r: Raw[]) => [wrap(r[0]), wrap(r[1])])(invoke(o_maxDim, self.handle, dim, keepdim) as Raw[]) as [Tensor, Tensor]
}

const o_maximum = operator('aten::maximum')
/** `aten::maximum(Tensor self, Tensor other) -> Tensor` */
export function maximum(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_maximum, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_mean = operator('aten::mean')
/** `aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor` */
export function mean(self: Tensor, dtype?: DType | null): Tensor {
  return wrap(invoke(o_mean, self.handle, dtype))
}

const o_meanDim = operator('aten::mean.dim')
/** `aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor` */
export function meanDim(self: Tensor, dim: number | readonly number[] | null, keepdim?: boolean, dtype?: DType | null): Tensor {
  return wrap(invoke(o_meanDim, self.handle, dim as Raw, keepdim, dtype))
}

const o_min = operator('aten::min')
/** `aten::min(Tensor self) -> Tensor` */
export function min(self: Tensor): Tensor {
  return wrap(invoke(o_min, self.handle))
}

const o_minimum = operator('aten::minimum')
/** `aten::minimum(Tensor self, Tensor other) -> Tensor` */
export function minimum(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_minimum, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_mm = operator('aten::mm')
/** `aten::mm(Tensor self, Tensor mat2) -> Tensor` */
export function mm(self: Tensor, mat2: Tensor): Tensor {
  return wrap(invoke(o_mm, self.handle, mat2.handle))
}

const o_mul = operator('aten::mul.Tensor')
/** `aten::mul.Tensor(Tensor self, Tensor other) -> Tensor` */
export function mul(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_mul, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_mul_ = operator('aten::mul_.Tensor')
/** `aten::mul_.Tensor(Tensor(a!) self, Tensor other) -> Tensor(a!)` */
export function mul_(self: Tensor, other: Tensor | number): Tensor {
  invoke(o_mul_, self.handle, typeof other === 'number' ? other : other.handle)
  return self
}

const o_narrow = operator('aten::narrow')
/** `aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)` */
export function narrow(self: Tensor, dim: number, start: number, length: number): Tensor {
  return wrap(invoke(o_narrow, self.handle, dim, start, length))
}

const o_ne = operator('aten::ne.Tensor')
/** `aten::ne.Tensor(Tensor self, Tensor other) -> Tensor` */
export function ne(self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_ne, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_neg = operator('aten::neg')
/** `aten::neg(Tensor self) -> Tensor` */
export function neg(self: Tensor): Tensor {
  return wrap(invoke(o_neg, self.handle))
}

const o_nllLoss = operator('aten::nll_loss')
/** `aten::nll_loss(Tensor self, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> Tensor` */
export function nllLoss(self: Tensor, target: Tensor, weight?: Tensor | null, reduction?: number, ignoreIndex?: number): Tensor {
  return wrap(invoke(o_nllLoss, self.handle, target.handle, weight ? weight.handle : weight, reduction, ignoreIndex))
}

const o_normal_ = operator('aten::normal_')
/** `aten::normal_(Tensor(a!) self, float mean=0., float std=1., *, Generator? generator=None) -> Tensor(a!)` */
export function normal_(self: Tensor, mean?: number, std?: number, generator?: Generator | null): Tensor {
  invoke(o_normal_, self.handle, mean, std, generator?.handle)
  return self
}

const o_oneHot = operator('aten::one_hot')
/** `aten::one_hot(Tensor self, int num_classes=-1) -> Tensor` */
export function oneHot(self: Tensor, numClasses?: number): Tensor {
  return wrap(invoke(o_oneHot, self.handle, numClasses))
}

const o_ones = operator('aten::ones')
/** `aten::ones(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function ones(size: readonly number[], dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_ones, size as Raw, dtype, layout, device, pinMemory))
}

const o_onesLike = operator('aten::ones_like')
/** `aten::ones_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor` */
export function onesLike(self: Tensor, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_onesLike, self.handle, dtype, layout, device, pinMemory, memoryFormat))
}

const o_permute = operator('aten::permute')
/** `aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)` */
export function permute(self: Tensor, dims: readonly number[]): Tensor {
  return wrap(invoke(o_permute, self.handle, dims as Raw))
}

const o_pinMemory = operator('aten::pin_memory')
/** `aten::pin_memory(Tensor(a) self, Device? device=None) -> Tensor(a)` */
export function pinMemory(self: Tensor, device?: string | null): Tensor {
  return wrap(invoke(o_pinMemory, self.handle, device))
}

const o_pow = operator('aten::pow.Tensor_Scalar')
/** `aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor` */
export function pow(self: Tensor, exponent: number | boolean): Tensor {
  return wrap(invoke(o_pow, self.handle, exponent))
}

const o_prelu = operator('aten::prelu')
/** `aten::prelu(Tensor self, Tensor weight) -> Tensor` */
export function prelu(self: Tensor, weight: Tensor): Tensor {
  return wrap(invoke(o_prelu, self.handle, weight.handle))
}

const o_rand = operator('aten::rand')
/** `aten::rand(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function rand(size: readonly number[], dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_rand, size as Raw, dtype, layout, device, pinMemory))
}

const o_randint = operator('aten::randint.low')
/** `aten::randint.low(int low, int high, int[] size, *, ScalarType? dtype=4, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function randint(low: number, high: number, size: readonly number[], dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_randint, low, high, size as Raw, dtype, layout, device, pinMemory))
}

const o_randn = operator('aten::randn')
/** `aten::randn(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function randn(size: readonly number[], dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_randn, size as Raw, dtype, layout, device, pinMemory))
}

const o_randperm = operator('aten::randperm')
/** `aten::randperm(int n, *, ScalarType? dtype=4, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function randperm(n: number, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_randperm, n, dtype, layout, device, pinMemory))
}

const o_relu = operator('aten::relu')
/** `aten::relu(Tensor self) -> Tensor` */
export function relu(self: Tensor): Tensor {
  return wrap(invoke(o_relu, self.handle))
}

const o_reshape = operator('aten::reshape')
/** `aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)` */
export function reshape(self: Tensor, shape: readonly number[]): Tensor {
  return wrap(invoke(o_reshape, self.handle, shape as Raw))
}

const o_rsqrt = operator('aten::rsqrt')
/** `aten::rsqrt(Tensor self) -> Tensor` */
export function rsqrt(self: Tensor): Tensor {
  return wrap(invoke(o_rsqrt, self.handle))
}

const o_scatterValue = operator('aten::scatter.value')
/** `aten::scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor` */
export function scatterValue(self: Tensor, dim: number, index: Tensor, value: number | boolean): Tensor {
  return wrap(invoke(o_scatterValue, self.handle, dim, index.handle, value))
}

const o_scatterAdd = operator('aten::scatter_add')
/** `aten::scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor` */
export function scatterAdd(self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  return wrap(invoke(o_scatterAdd, self.handle, dim, index.handle, src.handle))
}

const o_select = operator('aten::select.int')
/** `aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a)` */
export function select(self: Tensor, dim: number, index: number): Tensor {
  return wrap(invoke(o_select, self.handle, dim, index))
}

const o_setData = operator('aten::set_data')
/** `aten::set_data(Tensor(a!) self, Tensor new_data) -> ()` */
export function setData(self: Tensor, newData: Tensor): void {
  invoke(o_setData, self.handle, newData.handle)
}

const o_sigmoid = operator('aten::sigmoid')
/** `aten::sigmoid(Tensor self) -> Tensor` */
export function sigmoid(self: Tensor): Tensor {
  return wrap(invoke(o_sigmoid, self.handle))
}

const o_sin = operator('aten::sin')
/** `aten::sin(Tensor self) -> Tensor` */
export function sin(self: Tensor): Tensor {
  return wrap(invoke(o_sin, self.handle))
}

const o_slice = operator('aten::slice.Tensor')
/** `aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a)` */
export function slice(self: Tensor, dim?: number, start?: number | null, end?: number | null, step?: number): Tensor {
  return wrap(invoke(o_slice, self.handle, dim, start, end, step))
}

const o_softmax = operator('aten::softmax.int')
/** `aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor` */
export function softmax(self: Tensor, dim: number, dtype?: DType | null): Tensor {
  return wrap(invoke(o_softmax, self.handle, dim, dtype))
}

const o_sort = operator('aten::sort')
/** `aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)` */
export function sort(self: Tensor, dim?: number, descending?: boolean): [Tensor, Tensor] {
  return ((r: Raw[]) => [wrap(r[0]), wrap(r[1])])(invoke(o_sort, self.handle, dim, descending) as Raw[]) as [Tensor, Tensor]
}

const o_sqrt = operator('aten::sqrt')
/** `aten::sqrt(Tensor self) -> Tensor` */
export function sqrt(self: Tensor): Tensor {
  return wrap(invoke(o_sqrt, self.handle))
}

const o_squeeze = operator('aten::squeeze.dim')
/** `aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)` */
export function squeeze(self: Tensor, dim: number): Tensor {
  return wrap(invoke(o_squeeze, self.handle, dim))
}

const o_stack = operator('aten::stack')
/** `aten::stack(Tensor[] tensors, int dim=0) -> Tensor` */
export function stack(tensors: readonly Tensor[], dim?: number): Tensor {
  return wrap(invoke(o_stack, tensors.map((one) => one.handle), dim))
}

const o_sub = operator('aten::sub.Tensor')
/** `aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor` */
export function sub(self: Tensor, other: Tensor | number, alpha?: number | boolean): Tensor {
  return wrap(invoke(o_sub, self.handle, typeof other === 'number' ? other : other.handle, alpha))
}

const o_sub_ = operator('aten::sub_.Tensor')
/** `aten::sub_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1) -> Tensor(a!)` */
export function sub_(self: Tensor, other: Tensor | number, alpha?: number | boolean): Tensor {
  invoke(o_sub_, self.handle, typeof other === 'number' ? other : other.handle, alpha)
  return self
}

const o_sum = operator('aten::sum')
/** `aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor` */
export function sum(self: Tensor, dtype?: DType | null): Tensor {
  return wrap(invoke(o_sum, self.handle, dtype))
}

const o_sumDim = operator('aten::sum.dim_IntList')
/** `aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor` */
export function sumDim(self: Tensor, dim: number | readonly number[] | null, keepdim?: boolean, dtype?: DType | null): Tensor {
  return wrap(invoke(o_sumDim, self.handle, dim as Raw, keepdim, dtype))
}

const o_t = operator('aten::t')
/** `aten::t(Tensor(a) self) -> Tensor(a)` */
export function t(self: Tensor): Tensor {
  return wrap(invoke(o_t, self.handle))
}

const o_to = operator('aten::to.device')
/** `aten::to.device(Tensor(a) self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)` */
export function to(self: Tensor, device: string, dtype: DType, nonBlocking?: boolean, copy?: boolean, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_to, self.handle, device, dtype, nonBlocking, copy, memoryFormat))
}

const o_toDtype = operator('aten::to.dtype')
/** `aten::to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)` */
export function toDtype(self: Tensor, dtype: DType, nonBlocking?: boolean, copy?: boolean, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_toDtype, self.handle, dtype, nonBlocking, copy, memoryFormat))
}

const o_topk = operator('aten::topk')
/** `aten::topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)` */
export function topk(self: Tensor, k: number, dim?: number, largest?: boolean, sorted?: boolean): [Tensor, Tensor] {
  return ((r: Raw[]) => [wrap(r[0]), wrap(r[1])])(invoke(o_topk, self.handle, k, dim, largest, sorted) as Raw[]) as [Tensor, Tensor]
}

const o_transpose = operator('aten::transpose.int')
/** `aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)` */
export function transpose(self: Tensor, dim0: number, dim1: number): Tensor {
  return wrap(invoke(o_transpose, self.handle, dim0, dim1))
}

const o_uniform_ = operator('aten::uniform_')
/** `aten::uniform_(Tensor(a!) self, float from=0., float to=1., *, Generator? generator=None) -> Tensor(a!)` */
export function uniform_(self: Tensor, from?: number, to?: number, generator?: Generator | null): Tensor {
  invoke(o_uniform_, self.handle, from, to, generator?.handle)
  return self
}

const o_unsqueeze = operator('aten::unsqueeze')
/** `aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)` */
export function unsqueeze(self: Tensor, dim: number): Tensor {
  return wrap(invoke(o_unsqueeze, self.handle, dim))
}

const o_where = operator('aten::where.self')
/** `aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor` */
export function where(condition: Tensor, self: Tensor, other: Tensor | number): Tensor {
  return wrap(invoke(o_where, condition.handle, self.handle, typeof other === 'number' ? other : other.handle))
}

const o_zero_ = operator('aten::zero_')
/** `aten::zero_(Tensor(a!) self) -> Tensor(a!)` */
export function zero_(self: Tensor): Tensor {
  invoke(o_zero_, self.handle)
  return self
}

const o_zeros = operator('aten::zeros')
/** `aten::zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor` */
export function zeros(size: readonly number[], dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null): Tensor {
  return wrap(invoke(o_zeros, size as Raw, dtype, layout, device, pinMemory))
}

const o_zerosLike = operator('aten::zeros_like')
/** `aten::zeros_like(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, MemoryFormat? memory_format=None) -> Tensor` */
export function zerosLike(self: Tensor, dtype?: DType | null, layout?: string | null, device?: string | null, pinMemory?: boolean | null, memoryFormat?: MemoryFormat | null): Tensor {
  return wrap(invoke(o_zerosLike, self.handle, dtype, layout, device, pinMemory, memoryFormat))
}

const o_foreachAdd_ = operator('aten::_foreach_add_.List')
/** `aten::_foreach_add_.List(Tensor(a!)[] self, Tensor[] other, *, Scalar alpha=1) -> ()` */
export function foreachAdd_(self: readonly Tensor[], other: readonly Tensor[], alpha?: number | boolean): void {
  invoke(o_foreachAdd_, self.map((one) => one.handle), other.map((one) => one.handle), alpha)
}

const o_foreachAddScalar_ = operator('aten::_foreach_add_.Scalar')
/** `aten::_foreach_add_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()` */
export function foreachAddScalar_(self: readonly Tensor[], scalar: number | boolean): void {
  invoke(o_foreachAddScalar_, self.map((one) => one.handle), scalar)
}

const o_foreachAddcdiv_ = operator('aten::_foreach_addcdiv_.Scalar')
/** `aten::_foreach_addcdiv_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> ()` */
export function foreachAddcdiv_(self: readonly Tensor[], tensor1: readonly Tensor[], tensor2: readonly Tensor[], value?: number | boolean): void {
  invoke(o_foreachAddcdiv_, self.map((one) => one.handle), tensor1.map((one) => one.handle), tensor2.map((one) => one.handle), value)
}

const o_foreachAddcmul_ = operator('aten::_foreach_addcmul_.Scalar')
/** `aten::_foreach_addcmul_.Scalar(Tensor(a!)[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value=1) -> ()` */
export function foreachAddcmul_(self: readonly Tensor[], tensor1: readonly Tensor[], tensor2: readonly Tensor[], value?: number | boolean): void {
  invoke(o_foreachAddcmul_, self.map((one) => one.handle), tensor1.map((one) => one.handle), tensor2.map((one) => one.handle), value)
}

const o_foreachDivScalar_ = operator('aten::_foreach_div_.Scalar')
/** `aten::_foreach_div_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()` */
export function foreachDivScalar_(self: readonly Tensor[], scalar: number | boolean): void {
  invoke(o_foreachDivScalar_, self.map((one) => one.handle), scalar)
}

const o_foreachDiv_ = operator('aten::_foreach_div_.List')
/** `aten::_foreach_div_.List(Tensor(a!)[] self, Tensor[] other) -> ()` */
export function foreachDiv_(self: readonly Tensor[], other: readonly Tensor[]): void {
  invoke(o_foreachDiv_, self.map((one) => one.handle), other.map((one) => one.handle))
}

const o_foreachMul_ = operator('aten::_foreach_mul_.List')
/** `aten::_foreach_mul_.List(Tensor(a!)[] self, Tensor[] other) -> ()` */
export function foreachMul_(self: readonly Tensor[], other: readonly Tensor[]): void {
  invoke(o_foreachMul_, self.map((one) => one.handle), other.map((one) => one.handle))
}

const o_foreachMulScalar_ = operator('aten::_foreach_mul_.Scalar')
/** `aten::_foreach_mul_.Scalar(Tensor(a!)[] self, Scalar scalar) -> ()` */
export function foreachMulScalar_(self: readonly Tensor[], scalar: number | boolean): void {
  invoke(o_foreachMulScalar_, self.map((one) => one.handle), scalar)
}

const o_foreachNorm = operator('aten::_foreach_norm.Scalar')
/** `aten::_foreach_norm.Scalar(Tensor[] self, Scalar ord=2) -> Tensor[]` */
export function foreachNorm(self: readonly Tensor[], ord?: number | boolean): Tensor[] {
  return wrapAll(invoke(o_foreachNorm, self.map((one) => one.handle), ord))
}

const o_foreachSqrt = operator('aten::_foreach_sqrt')
/** `aten::_foreach_sqrt(Tensor[] self) -> Tensor[]` */
export function foreachSqrt(self: readonly Tensor[]): Tensor[] {
  return wrapAll(invoke(o_foreachSqrt, self.map((one) => one.handle)))
}

const o_foreachZero_ = operator('aten::_foreach_zero_')
/** `aten::_foreach_zero_(Tensor(a!)[] self) -> ()` */
export function foreachZero_(self: readonly Tensor[]): void {
  invoke(o_foreachZero_, self.map((one) => one.handle))
}

const o_fusedPrelu = operator('arcface::prelu')
/** `arcface::prelu(Tensor self, Tensor weight) -> Tensor` */
export function fusedPrelu(self: Tensor, weight: Tensor): Tensor {
  return wrap(invoke(o_fusedPrelu, self.handle, weight.handle))
}

const o_fusedBatchNorm = operator('arcface::batch_norm')
/** `arcface::batch_norm(Tensor x, Tensor weight, Tensor bias, Tensor(a!) running_mean, Tensor(b!) running_var, Tensor? slope, Tensor? residual, bool training, float momentum, float eps, Tensor? stats=None) -> Tensor` */
export function fusedBatchNorm(x: Tensor, weight: Tensor, bias: Tensor, runningMean: Tensor, runningVar: Tensor, slope: Tensor | null, residual: Tensor | null, training: boolean, momentum: number, eps: number, stats?: Tensor | null): Tensor {
  return wrap(invoke(o_fusedBatchNorm, x.handle, weight.handle, bias.handle, runningMean.handle, runningVar.handle, slope ? slope.handle : slope, residual ? residual.handle : residual, training, momentum, eps, stats ? stats.handle : stats))
}

const o_conv2d3x3 = operator('arcface::conv2d_3x3')
/** `arcface::conv2d_3x3(Tensor x, Tensor weight) -> Tensor` */
export function conv2d3x3(x: Tensor, weight: Tensor): Tensor {
  return wrap(invoke(o_conv2d3x3, x.handle, weight.handle))
}

const o_groupedConv2d = operator('arcface::grouped_conv2d')
/** `arcface::grouped_conv2d(Tensor x, Tensor weight, int stride, int padding, int groups) -> Tensor` */
export function groupedConv2d(x: Tensor, weight: Tensor, stride: number, padding: number, groups: number): Tensor {
  return wrap(invoke(o_groupedConv2d, x.handle, weight.handle, stride, padding, groups))
}

const o_groupedNorm = operator('arcface::grouped_norm')
/** `arcface::grouped_norm(Tensor x, Tensor weight, Tensor scale, Tensor shift, Tensor(a!) running_mean, Tensor(b!) running_var, Tensor? slope, int stride, int padding, int groups, float momentum, float eps) -> Tensor` */
export function groupedNorm(x: Tensor, weight: Tensor, scale: Tensor, shift: Tensor, runningMean: Tensor, runningVar: Tensor, slope: Tensor | null, stride: number, padding: number, groups: number, momentum: number, eps: number): Tensor {
  return wrap(invoke(o_groupedNorm, x.handle, weight.handle, scale.handle, shift.handle, runningMean.handle, runningVar.handle, slope ? slope.handle : slope, stride, padding, groups, momentum, eps))
}

const o_pointwiseNorm = operator('arcface::pointwise_norm')
/** `arcface::pointwise_norm(Tensor x, Tensor weight, Tensor scale, Tensor shift, Tensor(a!) running_mean, Tensor(b!) running_var, Tensor? slope, Tensor? residual, float momentum, float eps) -> Tensor` */
export function pointwiseNorm(x: Tensor, weight: Tensor, scale: Tensor, shift: Tensor, runningMean: Tensor, runningVar: Tensor, slope: Tensor | null, residual: Tensor | null, momentum: number, eps: number): Tensor {
  return wrap(invoke(o_pointwiseNorm, x.handle, weight.handle, scale.handle, shift.handle, runningMean.handle, runningVar.handle, slope ? slope.handle : slope, residual ? residual.handle : residual, momentum, eps))
}

const o_classSoftmax = operator('arcface::class_softmax')
/** `arcface::class_softmax(Tensor x, Tensor weight, Tensor own, Tensor? sample, float scale, float filter, int per_class, int block, bool bf16) -> (Tensor, Tensor, Tensor)` */
export function classSoftmax(x: Tensor, weight: Tensor, own: Tensor, sample: Tensor | null, scale: number, filter: number, perClass: number, block: number, bf16: boolean): [Tensor, Tensor, Tensor] {
  return ((r: Raw[]) => [wrap(r[0]), wrap(r[1]), wrap(r[2])])(invoke(o_classSoftmax, x.handle, weight.handle, own.handle, sample ? sample.handle : sample, scale, filter, perClass, block, bf16) as Raw[]) as [Tensor, Tensor, Tensor]
}

const o_classDescent_ = operator('arcface::class_descent_')
/** `arcface::class_descent_(Tensor(a!) weight, Tensor(b!)? velocity, Tensor x, Tensor own, Tensor own_slope, Tensor log_sum, Tensor? sample, float scale, float filter, int per_class, int block, float factor, float lr, float momentum, float decay, bool bf16, Tensor? skip=None) -> ()` */
export function classDescent_(weight: Tensor, velocity: Tensor | null, x: Tensor, own: Tensor, ownSlope: Tensor, logSum: Tensor, sample: Tensor | null, scale: number, filter: number, perClass: number, block: number, factor: number, lr: number, momentum: number, decay: number, bf16: boolean, skip?: Tensor | null): void {
  invoke(o_classDescent_, weight.handle, velocity ? velocity.handle : velocity, x.handle, own.handle, ownSlope.handle, logSum.handle, sample ? sample.handle : sample, scale, filter, perClass, block, factor, lr, momentum, decay, bf16, skip ? skip.handle : skip)
}

const o_gradientNorm = operator('arcface::gradient_norm')
/** `arcface::gradient_norm(Tensor[] grads) -> Tensor` */
export function gradientNorm(grads: readonly Tensor[]): Tensor {
  return wrap(invoke(o_gradientNorm, grads.map((one) => one.handle)))
}

const o_sgd_ = operator('arcface::sgd_')
/** `arcface::sgd_(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] velocities, float[] scales, float lr, float momentum, float decay) -> ()` */
export function sgd_(params: readonly Tensor[], grads: readonly Tensor[], velocities: readonly Tensor[], scales: readonly number[], lr: number, momentum: number, decay: number): void {
  invoke(o_sgd_, params.map((one) => one.handle), grads.map((one) => one.handle), velocities.map((one) => one.handle), scales as Raw, lr, momentum, decay)
}

const o_guardedSgd_ = operator('arcface::guarded_sgd_')
/** `arcface::guarded_sgd_(Tensor(a!)[] params, Tensor[] grads, Tensor(b!)[] velocities, Tensor lr, Tensor divisor, Tensor skip, float momentum, float decay) -> ()` */
export function guardedSgd_(params: readonly Tensor[], grads: readonly Tensor[], velocities: readonly Tensor[], lr: Tensor, divisor: Tensor, skip: Tensor, momentum: number, decay: number): void {
  invoke(o_guardedSgd_, params.map((one) => one.handle), grads.map((one) => one.handle), velocities.map((one) => one.handle), lr.handle, divisor.handle, skip.handle, momentum, decay)
}
