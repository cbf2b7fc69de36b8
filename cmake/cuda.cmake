# Looks for CUDA. Where it is found (CCE_CUDA=AUTO), GPU code becomes part of the program, which still runs where there
# is no GPU, no driver and none of CUDA's libraries: the runtime is linked in, cuBLAS is loaded where a GPU is found.
# CCE_CUDA=ON insists on it, OFF leaves it out.
set(CCE_CUDA AUTO CACHE STRING "Build for NVIDIA GPUs: AUTO (where nvcc is found), ON or OFF")
set_property(CACHE CCE_CUDA PROPERTY STRINGS AUTO ON OFF)
set(CCE_CUDA_ARCHITECTURES "80-real;90-real;90-virtual" CACHE STRING
    "GPUs to build for; -virtual ones are translated when a newer GPU first runs them")

set(CCE_HAVE_CUDA FALSE)
if(CCE_CUDA AND NOT CCE_SANITIZE)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES ${CCE_CUDA_ARCHITECTURES})
  endif()
  find_program(CCE_NVCC nvcc HINTS ENV CUDA_PATH ENV CUDA_HOME PATH_SUFFIXES bin PATHS /usr/local/cuda)
  if(CCE_NVCC AND NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    set(ENV{CUDACXX} ${CCE_NVCC})
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG")
    if(CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
      set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE})
    endif()
    enable_language(CUDA)
    set(CMAKE_CUDA_STANDARD 20)
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know that nvcc can
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
      set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
    endif()
    find_library(CCE_CUDART cudart_static HINTS ${CMAKE_CUDA_IMPLICIT_LINK_DIRECTORIES} PATHS
                 ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES}/../lib PATH_SUFFIXES lib64 REQUIRED)
    set(CCE_HAVE_CUDA TRUE)
  elseif(NOT CCE_CUDA STREQUAL AUTO)
    message(FATAL_ERROR "CCE_CUDA=${CCE_CUDA}, but CMake finds no CUDA compiler that works (PATH, CUDACXX, CUDA_PATH)")
  endif()
endif()
if(CCE_HAVE_CUDA)
  message(STATUS "GPU: built for ${CMAKE_CUDA_ARCHITECTURES} with nvcc ${CMAKE_CUDA_COMPILER_VERSION}")
else()
  message(STATUS "GPU: left out of the program (CCE_CUDA=${CCE_CUDA}, no nvcc found or a sanitizer)")
endif()

# cce_add_cuda(TARGET): adds the GPU's half of the engine, and the kernels of data/, to it. Kernels (.cu) include no
# library's headers but CUDA's.
function(cce_add_cuda target)
  file(GLOB host_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/engine/cuda/*.cpp)
  target_sources(${target} PRIVATE ${host_sources} $<TARGET_OBJECTS:cce_gpu_kernels>)
  target_compile_definitions(${target} PRIVATE CCE_HAVE_CUDA)
  set(oldest 1000)  # of "80-real;90-virtual" 80; of names such as "native" what kernels need at least
  foreach(architecture ${CMAKE_CUDA_ARCHITECTURES})
    if(architecture MATCHES "^([0-9]+)" AND CMAKE_MATCH_1 LESS oldest)
      set(oldest ${CMAKE_MATCH_1})
    endif()
  endforeach()
  if(oldest EQUAL 1000)
    set(oldest 80)
  endif()
  set_source_files_properties(${PROJECT_SOURCE_DIR}/engine/cuda/gpu.cpp PROPERTIES
                              COMPILE_DEFINITIONS CCE_CUDA_OLDEST=${oldest})
  get_filename_component(libraries ${CCE_CUDART} DIRECTORY)  # where cuBLAS is on the machine that builds
  set_source_files_properties(${PROJECT_SOURCE_DIR}/engine/cuda/blas_library.cpp PROPERTIES
                              COMPILE_DEFINITIONS CCE_CUDA_LIBRARIES="${libraries}/")
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_link_libraries(${target} PUBLIC ${CCE_CUDART} ${CMAKE_DL_LIBS} rt)

  file(GLOB kernels CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/engine/*.cu ${PROJECT_SOURCE_DIR}/engine/*/*.cu
       ${PROJECT_SOURCE_DIR}/data/*.cu)
  add_library(cce_gpu_kernels OBJECT ${kernels})
  target_include_directories(cce_gpu_kernels PRIVATE ${PROJECT_SOURCE_DIR})
  set(warnings -Wall,-Wextra,-Wno-missing-field-initializers)
  if(CCE_WERROR AND CMAKE_CUDA_COMPILER_VERSION MATCHES "^13\\.0\\.")  # the one that is known, as for the C++ compiler
    target_compile_options(cce_gpu_kernels PRIVATE -Werror=all-warnings)
    string(APPEND warnings ,-Werror)
  endif()
  target_compile_options(cce_gpu_kernels PRIVATE --expt-relaxed-constexpr -Xcompiler=${warnings})
  set_target_properties(cce_gpu_kernels PROPERTIES CUDA_RUNTIME_LIBRARY None)
endfunction()
