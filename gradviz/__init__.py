"""gradviz: a desktop explorer of computational graphs, for seeing automatic differentiation."""
