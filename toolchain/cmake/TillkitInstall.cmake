# SPDX-License-Identifier: Apache-2.0
# cmake --install: headers, static libraries and a CMake package. The libraries of the house that toolchain/setup.sh built
# come beside them as a component of their own: cmake --install BUILD --component deps
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(tillkit_libraries GLOBAL PROPERTY TILLKIT_LIBRARIES)
get_property(tillkit_include_dirs GLOBAL PROPERTY TILLKIT_INCLUDE_DIRS)
set(tillkit_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tillkit)

install(TARGETS ${tillkit_libraries} EXPORT tillkitTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(dir IN LISTS tillkit_include_dirs)
  install(DIRECTORY ${dir}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(EXPORT tillkitTargets NAMESPACE tillkit:: DESTINATION ${tillkit_package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tillkitConfig.cmake.in ${PROJECT_BINARY_DIR}/tillkitConfig.cmake
                              INSTALL_DESTINATION ${tillkit_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tillkitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tillkitConfig.cmake ${PROJECT_BINARY_DIR}/tillkitConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindcJSON.cmake ${CMAKE_CURRENT_LIST_DIR}/Findqrcodegen.cmake
        DESTINATION ${tillkit_package_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/tillkit)
install(FILES ${PROJECT_SOURCE_DIR}/lib/catalog/schema/catalog.schema.json
              ${PROJECT_SOURCE_DIR}/lib/cloud/cloud-api.yaml
              ${PROJECT_SOURCE_DIR}/lib/offers/schema/basket.schema.json
              ${PROJECT_SOURCE_DIR}/lib/offers/schema/rules.schema.json
              ${PROJECT_SOURCE_DIR}/lib/payment/schema/policies.schema.json
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tillkit/schema)

foreach(prefix IN LISTS CMAKE_PREFIX_PATH)
  file(GLOB sboms ${prefix}/share/tillkit/sbom-*.cdx.json)
  if(sboms)
    install(DIRECTORY ${prefix}/include ${prefix}/lib ${prefix}/share DESTINATION . COMPONENT deps EXCLUDE_FROM_ALL
            PATTERN "*atch2*" EXCLUDE PATTERN "httplib.h" EXCLUDE)
    install(FILES ${sboms} DESTINATION ${CMAKE_INSTALL_DATADIR}/tillkit)
  endif()
endforeach()
