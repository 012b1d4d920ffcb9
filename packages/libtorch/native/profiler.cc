// Which operators ran when, and on which thread.
#include "bridge.h"

#include <ATen/record_function.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

namespace bridge {

namespace {

struct Span {
  std::string name;
  bool backward;
  uint64_t thread;
  double start, end;
};

std::mutex mutex;
std::vector<Span> spans;
at::CallbackHandle handle = 0;
bool recording = false;

// Microseconds on the clock of process.hrtime.
double now() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Begun : at::ObserverContext {
  double start = now();
};

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction&) { return std::make_unique<Begun>(); }

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  const double end = now();
  std::lock_guard<std::mutex> lock(mutex);
  spans.push_back({function.name(), function.scope() == at::RecordScope::BACKWARD_FUNCTION, function.threadId(),
                   static_cast<Begun*>(context)->start, end});
}

napi_value start_profile(napi_env env, napi_callback_info) {
  return guard(env, [&]() -> napi_value {
    if (recording) fail(env, "TORCH_ARGUMENT", "a profile is being recorded already; stop that one first");
    handle = at::addGlobalCallback(at::RecordFunctionCallback(on_start, on_end)
                                       .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION}));
    recording = true;
    return nullptr;
  });
}

// stopProfile(): [name, backward, thread, start, end] of each, in the order of their ends.
napi_value stop_profile(napi_env env, napi_callback_info) {
  return guard(env, [&]() -> napi_value {
    if (recording) at::removeCallback(handle);
    recording = false;
    std::vector<Span> taken;
    {
      std::lock_guard<std::mutex> lock(mutex);
      taken.swap(spans);
    }
    napi_value list;
    napi_create_array_with_length(env, taken.size(), &list);
    for (size_t i = 0; i < taken.size(); i++) {
      const auto& span = taken[i];
      const napi_value values[] = {from_string(env, span.name), from_bool(env, span.backward),
                                   from_int(env, static_cast<int64_t>(span.thread)), from_double(env, span.start),
                                   from_double(env, span.end)};
      napi_value entry;
      napi_create_array_with_length(env, 5, &entry);
      for (uint32_t k = 0; k < 5; k++) napi_set_element(env, entry, k, values[k]);
      napi_set_element(env, list, static_cast<uint32_t>(i), entry);
    }
    return list;
  });
}

}  // namespace

void register_profiler(napi_env env, napi_value exports) {
  define(env, exports, "startProfile", start_profile);
  define(env, exports, "stopProfile", stop_profile);
}

}  // namespace bridge
