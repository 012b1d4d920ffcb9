# Finds libtorch: that of LIBTORCH, the system's, or the torch of a python3. Sets Torch_VERSION, TORCH_INCLUDE_DIRS,
# TORCH_LIBRARIES, TORCH_CXX_FLAGS and, where it is one for CUDA, TORCH_CUDA_LIBRARIES and CUDA_INCLUDE_DIRS.

# The oldest and the newest that the tests have run with (scripts/test-libtorch.sh). An older one is refused.
set(oldest 1.13)
set(newest 2.15)

# A folder as PyTorch packs it: include/, lib/, share/. Its own package file is not asked, for that of a torch with CUDA
# ends the configuration where there is no nvcc, which nothing here needs.
macro(libtorch_in folder)
  if(EXISTS "${folder}/include/ATen/ATen.h")
    find_library(libtorch_main torch PATHS "${folder}/lib" NO_DEFAULT_PATH)
  endif()
  if(libtorch_main)
    set(Torch_FOUND TRUE)
    set(PACKAGE_FIND_VERSION 0)
    include("${folder}/share/cmake/Torch/TorchConfigVersion.cmake" OPTIONAL)
    set(Torch_VERSION "${PACKAGE_VERSION}")
    set(TORCH_INCLUDE_DIRS "${folder}/include" "${folder}/include/torch/csrc/api/include")
    set(TORCH_LIBRARIES "${libtorch_main}")
    foreach(name torch_cpu c10)
      find_library(libtorch_${name} ${name} PATHS "${folder}/lib" NO_DEFAULT_PATH)
      list(APPEND TORCH_LIBRARIES "${libtorch_${name}}")
    endforeach()
    foreach(name torch_cuda c10_cuda)
      find_library(libtorch_${name} ${name} PATHS "${folder}/lib" NO_DEFAULT_PATH)
      if(libtorch_${name})
        list(APPEND TORCH_CUDA_LIBRARIES "${libtorch_${name}}")
      endif()
    endforeach()
    list(APPEND TORCH_LIBRARIES ${TORCH_CUDA_LIBRARIES})
    # Up to 2.6 pip's torch has the strings and lists of GCC 4.
    file(STRINGS "${folder}/share/cmake/Torch/TorchConfig.cmake" libtorch_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
    if(libtorch_abi)
      set(TORCH_CXX_FLAGS -D_GLIBCXX_USE_CXX11_ABI=0)
    endif()
    # pip's packages of CUDA lie beside torch.
    file(GLOB CUDA_INCLUDE_DIRS "${folder}/../nvidia/*/include")
  endif()
endmacro()

set(LIBTORCH "$ENV{LIBTORCH}" CACHE PATH "An unpacked libtorch, or the folder of a python3's torch")
if(LIBTORCH)
  libtorch_in("${LIBTORCH}")
  list(PREPEND CMAKE_PREFIX_PATH "${LIBTORCH}")
endif()
if(NOT Torch_FOUND)
  find_package(Torch QUIET)
endif()
if(NOT Torch_FOUND)
  execute_process(
    COMMAND python3 -c "import importlib.util as util; print(util.find_spec('torch').submodule_search_locations[0])"
    OUTPUT_VARIABLE libtorch_of_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  libtorch_in("${libtorch_of_python}")
endif()
if(NOT Torch_FOUND)
  message(FATAL_ERROR "libtorch was not found. Debian or Ubuntu: apt-get install libtorch-dev libopenblas0-pthread. "
    "macOS: brew install pytorch. Elsewhere: set LIBTORCH to an unpacked libtorch.")
endif()
if(NOT Torch_VERSION)
  message(STATUS "libtorch of a version that it does not tell")
elseif(Torch_VERSION VERSION_LESS oldest)
  message(FATAL_ERROR "libtorch ${Torch_VERSION} is too old: ${oldest} or newer is needed. "
    "Set LIBTORCH to a newer one, or pip install --upgrade torch.")
else()
  message(STATUS "libtorch ${Torch_VERSION}")
  string(REGEX MATCH "^[0-9]+\\.[0-9]+" libtorch_minor "${Torch_VERSION}")
  if(libtorch_minor VERSION_GREATER newest)
    message(STATUS "It is newer than ${newest}, the newest that this was tried with: if it does not build or its "
      "tests fail, take that one (pip install torch==${newest}.*)")
  endif()
endif()

if(NOT Torch_VERSION OR Torch_VERSION VERSION_GREATER_EQUAL 2.12)
  set(CMAKE_CXX_STANDARD 20)
elseif(Torch_VERSION VERSION_GREATER_EQUAL 2.1)
  set(CMAKE_CXX_STANDARD 17)
else()
  set(CMAKE_CXX_STANDARD 14)
endif()
set(CMAKE_CXX_STANDARD_REQUIRED ON)
