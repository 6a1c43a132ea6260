# SPDX-License-Identifier: Apache-2.0
# A device build prints what each module and each program weighs, and keeps the table in sizes.txt.
if(PROJECT_IS_TOP_LEVEL AND CMAKE_CROSSCOMPILING)
  find_package(Python3 3.9 COMPONENTS Interpreter QUIET)
  if(Python3_FOUND)
    get_property(libraries GLOBAL PROPERTY TILLKIT_LIBRARIES)
    get_property(programs GLOBAL PROPERTY TILLKIT_PROGRAMS)
    set(arguments "")
    set(files "")
    foreach(target IN LISTS libraries programs)
      get_target_property(type ${target} TYPE)
      if(NOT type STREQUAL "INTERFACE_LIBRARY")
        list(APPEND files $<TARGET_FILE:${target}>)
      endif()
    endforeach()
    string(REGEX REPLACE "objcopy$" "size" size_tool "${CMAKE_OBJCOPY}")
    add_custom_command(
      OUTPUT ${PROJECT_BINARY_DIR}/sizes.txt
      COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/toolchain/scripts/sizes.py --size ${size_tool}
              --strip ${CMAKE_STRIP} --output ${PROJECT_BINARY_DIR}/sizes.txt ${files}
      DEPENDS ${libraries} ${programs} ${PROJECT_SOURCE_DIR}/toolchain/scripts/sizes.py
      COMMENT "Sizes" VERBATIM)
    add_custom_target(sizes ALL DEPENDS ${PROJECT_BINARY_DIR}/sizes.txt)
  endif()
endif()
