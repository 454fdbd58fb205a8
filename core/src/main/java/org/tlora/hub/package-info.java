/** Models and data sets from the Hugging Face hub, in the cache that its Python tools use. */
package org.tlora.hub;
