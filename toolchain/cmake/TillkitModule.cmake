# SPDX-License-Identifier: Apache-2.0

# Declares the library of one room: tillkit_library(<name> SOURCES ... [USES ...] [PRIVATE_USES ...])
# The target is tillkit::<name>; its public headers lie in include/. What it may use is listed here, nothing else is
# reachable; tests/architecture compares the list with the table of the architecture.
function(tillkit_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  set(target tillkit_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:tillkit_compile>
                                            $<BUILD_INTERFACE:tillkit_no_exceptions>)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(tillkit::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} OUTPUT_NAME tillkit_${name})
  target_compile_features(${target} ${scope} cxx_std_23)
  target_include_directories(${target} ${scope} $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                                $<INSTALL_INTERFACE:include>)
  target_link_libraries(${target} ${scope} ${arg_USES})
  if(arg_PRIVATE_USES)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_USES})
  endif()
  set_property(GLOBAL APPEND PROPERTY TILLKIT_LIBRARIES ${target})
  set_property(GLOBAL APPEND PROPERTY TILLKIT_INCLUDE_DIRS ${CMAKE_CURRENT_SOURCE_DIR}/include)
endfunction()
