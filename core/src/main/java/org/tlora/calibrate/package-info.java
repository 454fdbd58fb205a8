/** One pass over samples of the task that gathers what methods ask to know about each linear. */
package org.tlora.calibrate;
