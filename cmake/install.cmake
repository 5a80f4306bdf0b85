# find_package(overproof) gives overproof::files, ::bounds, ::trainer, ::verify, ::reports, ::recheck; the program goes to bin/.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY OVERPROOF_MODULES)
set(targets overproof_blas overproof_lapack)
foreach(module IN LISTS modules)
  list(APPEND targets overproof_${module})
  install(DIRECTORY ${module}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/overproof/${module} FILES_MATCHING PATTERN "*.h")
endforeach()
install(TARGETS overproof_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${targets} EXPORT overproof ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT overproof NAMESPACE overproof:: FILE overproof-targets.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/overproof)
install(FILES cmake/dependencies.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/overproof)
configure_package_config_file(cmake/overproof-config.cmake.in overproof-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/overproof)
write_basic_package_version_file(overproof-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/overproof-config.cmake ${PROJECT_BINARY_DIR}/overproof-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/overproof)
