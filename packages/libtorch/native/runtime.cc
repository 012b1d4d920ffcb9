// Threads, random numbers, libraries of operators, versions.
#include "bridge.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/version.h>
#ifdef __GLIBC__
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#endif

#include <limits>

namespace bridge {

c10::Device default_device(at::kCPU);

namespace {

napi_value set_default_device(napi_env env, napi_callback_info info) {
  return guard(env, [&]() -> napi_value {
    default_device = to_device(env, arguments(env, info)[0], "device");
    return nullptr;
  });
}
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

#ifdef __GLIBC__
#if TORCH_VERSION_MAJOR == 1 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 3)
#define ARCFACE_ALLOCATES const
#else
#define ARCFACE_ALLOCATES
#endif

// libtorch's own allocator; what the heap has grown by since the last block is asked for in huge pages (2 MiB on x86-64),
// before anybody touches it: fewer faults while it grows, and fewer misses of the TLB ever after.
struct HugePages : c10::Allocator {
  c10::Allocator* const usual = c10::GetCPUAllocator();
  mutable std::atomic<char*> known{end_of_heap()};

  static char* end_of_heap() { return static_cast<char*>(sbrk(0)); }

  c10::DataPtr allocate(size_t bytes) ARCFACE_ALLOCATES override {
    auto block = usual->allocate(bytes);
    char* const end = end_of_heap();
    char* const begin = known.exchange(end);
    // Where the kernel has none, it says so, and the pages are small ones.
    if (begin < end) madvise(begin, end - begin, MADV_HUGEPAGE);
    return block;
  }
  c10::DeleterFnPtr raw_deleter() const override { return usual->raw_deleter(); }
  // Wanted since libtorch 2.2.
  void copy_data(void* to, const void* from, std::size_t bytes) const { std::memcpy(to, from, bytes); }
};
#endif

// keepMemory(): glibc gives every large block back to the kernel at once, and a training step pays
// for the page faults when it takes it again. This keeps freed memory in the process.
napi_value keep_memory(napi_env env, napi_callback_info) {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TOP_PAD, 64 << 20);
  static const bool once = [] {
    c10::SetAllocator(c10::kCPU, new HugePages, 1);
    return true;
  }();
  (void)once;
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
  define(env, exports, "setDefaultDevice", set_default_device);
  define(env, exports, "hasCuda", has_cuda);
  define(env, exports, "keepMemory", keep_memory);
  napi_set_named_property(env, exports, "version", from_string(env, TORCH_VERSION));
}

}  // namespace bridge
