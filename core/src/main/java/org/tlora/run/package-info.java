/**
 * What is told of a run while it goes on, and how it is asked to stop. {@link
 * org.tlora.run.RunListener} is what a user implements; {@link org.tlora.run.Listeners} brings
 * events to listeners without waiting for them; {@link org.tlora.run.StopSignal} is asked at every
 * place where a run can end well. Used from everywhere above; uses nothing.
 */
package org.tlora.run;
