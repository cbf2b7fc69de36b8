# cmake -DSOURCE=... -DGIT=... -DOUTPUT=file -P commit.cmake: writes the commit that is built, as a string of C++, and
# touches the file only where that has changed. "-dirty" behind it says that what the program is built of differs. Empty
# where the source is no clone of its own (a folder inside another one is none), or where git does not say.
set(commit "")
if(GIT)
  get_filename_component(parent ${SOURCE} DIRECTORY)
  set(ENV{GIT_CEILING_DIRECTORIES} ${parent})
  execute_process(COMMAND ${GIT} rev-parse --short HEAD WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit)
  execute_process(COMMAND ${GIT} status --porcelain -- CMakeLists.txt cmake engine layers models losses data tools
                  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(changes)
    string(APPEND commit "-dirty")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "\"@commit@\"" @ONLY)
