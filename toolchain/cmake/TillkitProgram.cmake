# SPDX-License-Identifier: Apache-2.0

# Declares a program for a device: tillkit_program(<name> SOURCES ... USES ...)
# Static where it is cross-built, so that one file is all that a device needs.
function(tillkit_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tillkit_compile tillkit_no_exceptions tillkit_hal_linux_runtime ${arg_USES})
  if(CMAKE_CROSSCOMPILING)
    target_link_options(${name} PRIVATE -static)
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION bin)
  set_property(GLOBAL APPEND PROPERTY TILLKIT_PROGRAMS ${name})
endfunction()
