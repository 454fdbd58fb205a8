/** Models in formats that others load. */
package org.tlora.export;
