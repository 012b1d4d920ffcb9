// Handles: JavaScript externals that own a tensor or a generator.
#include "bridge.h"

#include <atomic>
#include <unordered_map>
#include <unordered_set>

namespace bridge {

namespace {
std::atomic<int64_t> live{0};

// The handles of this thread. An external that is not among them is another add-on's.
thread_local std::unordered_set<const void*> known;

// Memory that handles of this thread keep, by storage: however many tensors share it, it counts once.
struct Account {
  int64_t handles, bytes;
};
thread_local std::unordered_map<const void*, Account> accounts;

// Tensors below this many bytes weigh no more than their handles, of which the collector knows.
constexpr int64_t worth_telling = 1024;

void tell(napi_env env, int64_t bytes) {
  int64_t now;
  napi_adjust_external_memory(env, bytes, &now);
}

const void* account(napi_env env, const at::Tensor& tensor) {
  if (!tensor.has_storage() || !tensor.device().is_cpu()) return nullptr;
  const auto bytes = static_cast<int64_t>(tensor.storage().nbytes());
  if (bytes < worth_telling) return nullptr;
  const void* storage = tensor.storage().unsafeGetStorageImpl();
  auto& found = accounts[storage];
  if (found.handles++ == 0) {
    found.bytes = bytes;
    tell(env, bytes);
  }
  return storage;
}

void settle(napi_env env, const void* storage) {
  const auto found = accounts.find(storage);
  if (found == accounts.end() || --found->second.handles > 0) return;
  tell(env, -found->second.bytes);
  accounts.erase(found);
}

void finalize(napi_env env, void* data, void*) {
  auto* handle = static_cast<Handle*>(data);
  forget(env, handle);
  known.erase(handle);
  delete handle;
}

napi_value external(napi_env env, Handle* handle) {
  known.insert(handle);
  napi_value result;
  if (napi_create_external(env, handle, finalize, nullptr, &result) != napi_ok) {
    finalize(env, handle, nullptr);
    fail(env, "TORCH_ENGINE", "Node refused a handle for a tensor");
  }
  return result;
}
}  // namespace

int64_t live_handles() { return live.load(); }

void forget(napi_env env, Handle* handle) {
  if (!handle->tensor.defined()) return;
  handle->tensor = at::Tensor();
  live--;
  if (handle->storage) settle(env, handle->storage);
  handle->storage = nullptr;
}

bool is_handle(napi_env env, napi_value value, Handle** out) {
  void* data;
  if (napi_get_value_external(env, value, &data) != napi_ok || !known.count(data)) return false;
  *out = static_cast<Handle*>(data);
  return true;
}

void entrust(napi_env env, Handle* handle) {
  if (handle->tensor.defined() && !handle->storage) handle->storage = account(env, handle->tensor);
}

napi_value wrap(napi_env env, at::Tensor tensor) {
  if (!tensor.defined()) {
    napi_value null;
    napi_get_null(env, &null);
    return null;
  }
  live++;
  return external(env, new Handle{Handle::Kind::tensor, std::move(tensor), {}, nullptr});
}

napi_value wrap(napi_env env, at::Generator generator) {
  return external(env, new Handle{Handle::Kind::generator, {}, std::move(generator), nullptr});
}

const at::Tensor& unwrap_tensor(napi_env env, napi_value value, const char* name) {
  Handle* handle;
  if (!is_handle(env, value, &handle) || handle->kind != Handle::Kind::tensor)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a tensor");
  if (!handle->tensor.defined())
    fail(env, "TORCH_DISPOSED", std::string(name) +
                                    ": this tensor was disposed of; return it from its scope or keep() it");
  return handle->tensor;
}

const at::Generator& unwrap_generator(napi_env env, napi_value value, const char* name) {
  Handle* handle;
  if (!is_handle(env, value, &handle) || handle->kind != Handle::Kind::generator)
    fail(env, "TORCH_ARGUMENT", std::string(name) + ": expected a generator");
  return handle->generator;
}

std::vector<at::Tensor> to_tensors(napi_env env, napi_value value, const char* name) {
  std::vector<at::Tensor> tensors;
  for (auto item : to_array(env, value, name)) tensors.push_back(unwrap_tensor(env, item, name));
  return tensors;
}

napi_value from_tensors(napi_env env, const std::vector<at::Tensor>& tensors) {
  napi_value result;
  napi_create_array_with_length(env, tensors.size(), &result);
  for (size_t i = 0; i < tensors.size(); i++) napi_set_element(env, result, i, wrap(env, tensors[i]));
  return result;
}

}  // namespace bridge
