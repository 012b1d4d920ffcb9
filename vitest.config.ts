import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['scripts/test-folder.mjs'],
    // Where tests make their tensors (scripts/gpu-check.sh).
    setupFiles: process.env.DEVICE ? ['scripts/test-device.mjs'] : [],
    include: ['packages/*/src/**/*.test.ts'],
    // Native threads and two cores: a process a test file, and few of them at a time.
    pool: 'forks',
    maxWorkers: 2,
    // Tests that use ONNX Runtime directly need not report it either: see network/telemetry.ts.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A second, the default, is less than a process takes to start beside others.
    expect: { poll: { timeout: 60_000 } },
  },
})
