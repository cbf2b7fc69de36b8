# Finds the libraries the project builds on. All that are required are used as headers alone, so where one is not
# installed, its pinned release is downloaded and only unpacked. Where tools/bundle_deps has collected them in .deps, that
# is where they come from.
include(FetchContent)
if(EXISTS ${PROJECT_SOURCE_DIR}/.deps)
  list(PREPEND CMAKE_PREFIX_PATH ${PROJECT_SOURCE_DIR}/.deps)
endif()

# cce_dependency(NAME VERSION TARGET INCLUDE URL SHA256 [DEFINITION...]): defines TARGET, from the package NAME (at least
# VERSION) where that is installed, else from the headers in the folder INCLUDE of the archive at URL, to be used with
# the DEFINITIONs.
function(cce_dependency name version target include url sha256)
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${sha256} DOWNLOAD_EXTRACT_TIMESTAMP OFF
                       SOURCE_SUBDIR only-unpack FIND_PACKAGE_ARGS ${version} CONFIG)
  FetchContent_MakeAvailable(${name})
  if(NOT TARGET ${target})
    string(TOLOWER ${name} lower)
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} INTERFACE ${${lower}_SOURCE_DIR}/${include})
    target_compile_definitions(${target} INTERFACE ${ARGN})
    set(${lower}_SOURCE_DIR ${${lower}_SOURCE_DIR} PARENT_SCOPE)
  endif()
endfunction()

set(github https://github.com)
cce_dependency(Eigen3 3.4 Eigen3::Eigen .
  https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz
  8586084f71f9bde545ee7fa6d00288b264a2b7ac3607b974e54d13e7162c1c72)
cce_dependency(fmt 9 fmt::fmt include
  ${github}/fmtlib/fmt/archive/9.1.0.tar.gz
  5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2)
cce_dependency(CLI11 2.1 CLI11::CLI11 include
  ${github}/CLIUtils/CLI11/archive/refs/tags/v2.4.1.tar.gz
  73b7ec52261ce8fe980a29df6b4ceb66243bb0b779451dbd3d014cfec9fdbb58)
cce_dependency(nlohmann_json 3.11 nlohmann_json::nlohmann_json include
  ${github}/nlohmann/json/releases/download/v3.11.3/json.tar.xz
  d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d)
cce_dependency(doctest 2.4 doctest::doctest .
  ${github}/doctest/doctest/archive/refs/tags/v2.4.11.tar.gz
  632ed2c05a7f53fa961381497bf8069093f0d6628c5f26286161fbd32a560186)

# doctest_discover_tests()
if(doctest_SOURCE_DIR)
  include(${doctest_SOURCE_DIR}/scripts/cmake/doctest.cmake)
else()
  include(${doctest_DIR}/doctest.cmake)
endif()

find_package(Threads REQUIRED)
# Without these two, data sets are not downloaded.
find_package(CURL)
find_package(OpenSSL)
# Without this one, files packed by gzip are not read.
find_package(ZLIB)
