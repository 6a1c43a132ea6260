# SPDX-License-Identifier: Apache-2.0
include(Catch)
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

# Declares a test program: tillkit_test(<name> SOURCES ... USES ... [LAUNCHER command...])
# On the host each case is a ctest entry of its own. Across (and with a LAUNCHER, which is put before the program) the whole
# program is one entry: starting the emulator costs more than a case. How many cases ran comes from the listener in
# tests/support, not from ctest.
function(tillkit_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LAUNCHER" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tillkit_compile tillkit_test_support ${arg_USES})
  if(CMAKE_CROSSCOMPILING)
    # A test program is started by the emulator; the C library's files are not where it would look for them.
    target_link_options(${name} PRIVATE -static)
  endif()
  if(arg_LAUNCHER OR CMAKE_CROSSCOMPILING)
    add_test(NAME ${name} COMMAND ${arg_LAUNCHER} ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:${name}>)
    set_tests_properties(${name} PROPERTIES TIMEOUT 1800 SKIP_RETURN_CODE 4)
  else()
    catch_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}: "
                         PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 4)
  endif()
endfunction()

# A test written in Python, one ctest entry: tillkit_python_test(<name> <script> <argument>...)
# Its cases are counted in the same report (tests/support/python).
function(tillkit_python_test name script)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN})
  set(path ${PROJECT_SOURCE_DIR}/tests/support/python:${PROJECT_SOURCE_DIR}/boards/sandbox/python)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300
                       ENVIRONMENT "PYTHONPATH=${path};PYTHONDONTWRITEBYTECODE=1")
endfunction()
