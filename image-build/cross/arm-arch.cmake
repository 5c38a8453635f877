# llama-cpp-sys-2 pins GGML_CPU_ARM_ARCH to armv8-a on ARM, whatever the environment says. It passes CMAKE_ variables
# on, so CMAKE_PROJECT_INCLUDE brings us in after that, and we put the board's own instructions back.
if(DEFINED ENV{NIGHTDESK_ARM_ARCH})
  set(GGML_CPU_ARM_ARCH "$ENV{NIGHTDESK_ARM_ARCH}" CACHE STRING "of the board, see image-build/cross/build.sh" FORCE)
endif()
