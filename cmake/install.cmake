# What `cmake --install` and the packages hold: the program (component `program`), and the engine with all that models
# are made of, for find_package(cce_rec) (component `development`).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS cce_rec RUNTIME COMPONENT program)
# What shells and `man` know comes from the program itself.
set(made ${PROJECT_BINARY_DIR}/share)
function(cce_made_by_program file destination name)  # ... arguments of the program
  add_custom_command(OUTPUT ${made}/${file} DEPENDS cce_rec VERBATIM
                     COMMAND ${CMAKE_COMMAND} -E make_directory ${made}
                     COMMAND $<TARGET_FILE:cce_rec> ${ARGN} > ${made}/${file})
  set_property(GLOBAL APPEND PROPERTY cce_made ${made}/${file})
  install(FILES ${made}/${file} DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/${destination} RENAME ${name} COMPONENT program)
endfunction()
cce_made_by_program(cce_rec.1 man/man1 cce_rec.1 manual)
cce_made_by_program(cce_rec.bash bash-completion/completions cce_rec completion bash)
cce_made_by_program(cce_rec.zsh zsh/site-functions _cce_rec completion zsh)
cce_made_by_program(cce_rec.fish fish/vendor_completions.d cce_rec.fish completion fish)
get_property(all_made GLOBAL PROPERTY cce_made)
add_custom_target(cce_share ALL DEPENDS ${all_made})

install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/cce-rec RENAME copyright COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/cce-rec-dev RENAME copyright COMPONENT development)
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/cce_rec COMPONENT program)

set(headers ${CMAKE_INSTALL_INCLUDEDIR}/cce_rec)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cce_rec)
target_include_directories(cce_options INTERFACE $<INSTALL_INTERFACE:${headers}>)
foreach(library engine data layers losses models)
  set_target_properties(cce_${library} PROPERTIES EXPORT_NAME ${library})
  install(TARGETS cce_${library} EXPORT cce_rec ARCHIVE COMPONENT development)
  # Of the engine, kernels and what operations are written with are its own.
  install(DIRECTORY ${library} DESTINATION ${headers} COMPONENT development FILES_MATCHING PATTERN "*.h"
          PATTERN kernels EXCLUDE PATTERN cuda EXCLUDE PATTERN ops EXCLUDE)
endforeach()
install(FILES engine/ops/ops.h engine/ops/target_ranks.h engine/ops/top_items.h DESTINATION ${headers}/engine/ops
        COMPONENT development)
set_target_properties(cce_options PROPERTIES EXPORT_NAME options)
install(TARGETS cce_options EXPORT cce_rec)
install(EXPORT cce_rec NAMESPACE cce_rec:: DESTINATION ${package} FILE cce_rec-targets.cmake COMPONENT development)
configure_package_config_file(cmake/cce_rec-config.cmake.in ${PROJECT_BINARY_DIR}/cce_rec-config.cmake
                              INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cce_rec-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cce_rec-config.cmake ${PROJECT_BINARY_DIR}/cce_rec-config-version.cmake
        DESTINATION ${package} COMPONENT development)

# cpack -G DEB: cce-rec with the program, cce-rec-dev with the rest.
set(CPACK_PACKAGE_NAME cce-rec)
set(CPACK_PACKAGE_VENDOR "the authors of cce_rec")
set(CPACK_PACKAGE_CONTACT "the authors of cce_rec <cce_rec@localhost>")
set(CPACK_PACKAGE_FILE_NAME cce-rec)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL TRUE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS TRUE)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME cce-rec)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)  # to download data sets
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "Trains, evaluates and serves sequential recommenders.\nGRU4Rec, SASRec, S3-Rec and BERT4Rec, with the cumulative cross-entropy loss and ten others.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME cce-rec-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libfmt-dev")
if(CCE_DOWNLOADS)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libcurl4-openssl-dev, libssl-dev")
endif()
if(ZLIB_FOUND)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", zlib1g-dev")
endif()
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "Libraries and headers of cce_rec.\nThe deep-learning engine of cce_rec, for models of one's own: find_package(cce_rec).")
include(CPack)
