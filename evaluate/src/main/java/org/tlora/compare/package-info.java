/** Several methods on the same model, data and budget, and one table of what came out. */
package org.tlora.compare;
