# What `cmake --install` and the packages hold: the program (component `program`), and the engine with all that models
# are made of, for find_package(cce_rec) (component `development`).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS cce_rec RUNTIME COMPONENT program)
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/cce_rec COMPONENT program)

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/cce_rec)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cce_rec)
target_include_directories(cce_options INTERFACE $<INSTALL_INTERFACE:${headers}>)
foreach(library engine data layers losses models)
  set_target_properties(cce_${library} PROPERTIES EXPORT_NAME ${library})
  install(TARGETS cce_${library} EXPORT cce_rec ARCHIVE COMPONENT development)
  # Kernels and what they are written with are the engine's own.
  install(DIRECTORY ${library} DESTINATION ${headers} COMPONENT development FILES_MATCHING PATTERN "*.h"
          PATTERN kernels EXCLUDE PATTERN lanes.h EXCLUDE PATTERN formulas.h EXCLUDE PATTERN add_scaled.h EXCLUDE
          PATTERN dropout_mask.h EXCLUDE)
endforeach()
set_target_properties(cce_options PROPERTIES EXPORT_NAME options)
install(TARGETS cce_options EXPORT cce_rec)
install(EXPORT cce_rec NAMESPACE cce_rec:: DESTINATION ${package} FILE cce_rec-targets.cmake COMPONENT development)
configure_package_config_file(cmake/cce_rec-config.cmake.in ${PROJECT_BINARY_DIR}/cce_rec-config.cmake
                              INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cce_rec-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cce_rec-config.cmake ${PROJECT_BINARY_DIR}/cce_rec-config-version.cmake
        DESTINATION ${package} COMPONENT development)
