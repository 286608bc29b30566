"""How good a model's maps are, over many photos: the field's figures, each as its paper has it."""
