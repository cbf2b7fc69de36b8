# cmake -DSOURCE=... -DGIT=... -DOUTPUT=file -P commit.cmake: writes the commit that is built, as a string of C++, and
# touches the file only where that has changed. Empty where the source is no clone.
set(commit "")
if(GIT)
  execute_process(COMMAND ${GIT} describe --always --dirty --exclude=* WORKING_DIRECTORY ${SOURCE}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "\"@commit@\"" @ONLY)
