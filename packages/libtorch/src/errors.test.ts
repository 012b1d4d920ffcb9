import { describe, expect, it } from 'vitest'
import { deviceCode } from './errors.js'
import { empty, ones, randn, zerosLike } from './generated/ops.js'
import { setDefaultDevice } from './runtime.js'
import { tensor } from './tensor.js'

describe('deviceCode', () => {
  it.each([
    // As PyTorch 2.11 and CUDA 13 word them.
    [
      'CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.19 GiB of which 3.06 MiB is free.',
      'TORCH_OUT_OF_MEMORY',
    ],
    [
      'CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`',
      'TORCH_OUT_OF_MEMORY',
    ],
    [
      'CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported',
      'TORCH_OUT_OF_MEMORY',
    ],
    ['C10 Out of Memory. Trying to allocate 20 MiB', 'TORCH_OUT_OF_MEMORY'],
    ['cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED', 'TORCH_OUT_OF_MEMORY'],
    ['CUDA driver error: unknown error', 'TORCH_DEVICE_LOST'],
    ['CUDA error: invalid program counter', 'TORCH_DEVICE_LOST'],
    ['CUDA driver initialization failed, you might not have a CUDA gpu.', 'TORCH_DRIVER'],
    ['CUDA error: system has unsupported display driver / cuda driver combination', 'TORCH_DRIVER'],
    ['CUDA error: unspecified launch failure', 'TORCH_DEVICE_LOST'],
    ['CUDA error: an illegal memory access was encountered', 'TORCH_DEVICE_LOST'],
    ['CUDA error: uncorrectable ECC error encountered', 'TORCH_DEVICE_LOST'],
    ['CUDA error: device-side assert triggered', 'TORCH_DEVICE_LOST'],
    ['CUDA error: unknown error', 'TORCH_DEVICE_LOST'],
    [
      'The NVIDIA driver on your system is too old (found version 12020). Please update your GPU driver',
      'TORCH_DRIVER',
    ],
    ['CUDA driver version is insufficient for CUDA runtime version', 'TORCH_DRIVER'],
    [
      'Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU',
      'TORCH_DRIVER',
    ],
    ['CUDA error: no kernel image is available for execution on the device', 'TORCH_DRIVER'],
    ['CUDA error: invalid configuration argument', null],
    ['The size of tensor a (3) must match the size of tensor b (4)', null],
  ])('%s', (message, code) => {
    expect(deviceCode(message)).toBe(code)
  })

  it('is the code of what an operator throws for want of memory', () => {
    expect(() => empty([2 ** 50])).toThrow(
      expect.objectContaining({ name: 'TorchError', code: 'TORCH_OUT_OF_MEMORY' }),
    )
  })
})

describe('setDefaultDevice', () => {
  it('is where tensors are made that are asked for without a device', () => {
    setDefaultDevice('meta')
    try {
      const made = [
        ones([2]),
        randn([2]),
        tensor([1, 2]),
        tensor(Int32Array.of(1)),
        zerosLike(ones([2])),
      ]
      expect(made.map(({ device }) => device)).toEqual(Array(5).fill('meta'))
      const there = ones([2], 'float32', null, 'cpu')
      const shared = tensor(Float32Array.of(1), [1], { share: true })
      expect([there, shared, zerosLike(there)].map(({ device }) => device)).toEqual(
        Array(3).fill('cpu'),
      )
    } finally {
      setDefaultDevice('cpu')
    }
    expect(ones([1]).device).toBe('cpu')
    expect(() => setDefaultDevice('gpu')).toThrow(
      expect.objectContaining({ code: 'TORCH_ARGUMENT' }),
    )
  })
})
