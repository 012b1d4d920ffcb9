// Threads, random numbers, libraries of operators, versions.
#include "bridge.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <torch/version.h>

#include <limits>

namespace bridge {

namespace {

napi_value num_threads(napi_env env, napi_callback_info) { return from_int(env, at::get_num_threads()); }
napi_value set_num_threads(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    const auto count = to_int(env, arguments(env, info)[0], "threads");
    if (count < 1) fail(env, "TORCH_ARGUMENT", "threads: at least 1");
    at::set_num_threads(static_cast<int>(count));
    return nullptr;
  });
}

napi_value manual_seed(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    at::manual_seed(static_cast<uint64_t>(to_int(env, arguments(env, info)[0], "seed")));
    return nullptr;
  });
}

// The generator of an argument: its own, the default one of a device that it names, or of the CPU.
at::Generator generator_or_default(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type), "generator: cannot be read");
  if (type == napi_string) {
    const at::Device device(to_string(env, value, "device"));
    if (!device.is_cpu()) return at::globalContext().defaultGenerator(device);
    return at::detail::getDefaultCPUGenerator();
  }
  return is_nothing(env, value) ? at::detail::getDefaultCPUGenerator() : unwrap_generator(env, value, "generator");
}
napi_value random_state(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    auto generator = generator_or_default(env, arguments(env, info)[0]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    return wrap(env, generator.get_state());
  });
}
napi_value set_random_state(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    Args args = arguments(env, info);
    auto generator = generator_or_default(env, args[1]);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(unwrap_tensor(env, args[0], "state"));
    return nullptr;
  });
}
napi_value create_generator(napi_env env, napi_callback_info info) {
  return guard(env, [&] {
    return wrap(env, at::detail::createCPUGenerator(static_cast<uint64_t>(to_int(env, arguments(env, info)[0], "seed"))));
  });
}

napi_value load_library(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    const auto path = to_string(env, arguments(env, info)[0], "path");
    if (!dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) fail(env, "TORCH_LIBRARY", dlerror());
    return nullptr;
  });
}

napi_value has_cuda(napi_env env, napi_callback_info) {
  return guard(env, [&] { return from_bool(env, at::hasCUDA()); });
}

// keepMemory(): glibc gives every large block back to the kernel at once, and a training step pays
// for the page faults when it takes it again. This keeps freed memory in the process.
napi_value keep_memory(napi_env env, napi_callback_info) {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
#endif
  return nullptr;
}

}  // namespace

void register_runtime(napi_env env, napi_value exports) {
  define(env, exports, "numThreads", num_threads);
  define(env, exports, "setNumThreads", set_num_threads);
  define(env, exports, "manualSeed", manual_seed);
  define(env, exports, "randomState", random_state);
  define(env, exports, "setRandomState", set_random_state);
  define(env, exports, "createGenerator", create_generator);
  define(env, exports, "loadLibrary", load_library);
  define(env, exports, "hasCuda", has_cuda);
  define(env, exports, "keepMemory", keep_memory);
  napi_set_named_property(env, exports, "version", from_string(env, TORCH_VERSION));
}

}  // namespace bridge
